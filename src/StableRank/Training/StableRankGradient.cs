using System.Numerics;
using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Training;

/// <summary>
/// The gradient of the stable rank, theory (8.3): grad sr = 2 W/s1^2 - 2 sr u1 v1'/s1. It is orthogonal to W, since sr(c W) = sr(W).
/// </summary>
/// <remarks>
/// It exists where s_1 is simple. Where s_1 = s_2 the stable rank has a kink, and what is returned, with one of the top pairs, is one of
/// its limiting gradients. The error of u and v, at most residual/(s_1 - s_2) or so, goes into the second term once.
/// </remarks>
/// <typeparam name="T">double or float.</typeparam>
/// <param name="StableRank">sr(W).</param>
/// <param name="Gradient">m x n: entry (i, j) is the derivative of sr with respect to W(i, j).</param>
/// <param name="Residual">||W'u - s v|| / s of the singular triple that was used.</param>
public sealed record StableRankGradient<T>(double StableRank, Matrix<T> Gradient, double Residual)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>;

/// <summary>Computes the stable rank with its gradient, theory (8.3).</summary>
public static class StableRankGradient
{
    private const double Tolerance = 1e-13;

    /// <summary>The stable rank of a matrix and its gradient, from one singular triple.</summary>
    /// <param name="matrix">W, m x n, of double or float; not changed. The work is done in double.</param>
    /// <exception cref="ArgumentNullException"><paramref name="matrix"/> is null.</exception>
    /// <exception cref="ArgumentException">An entry is not finite, or the matrix is zero.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static StableRankGradient<T> Of<T>(Matrix<T> matrix)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var scaled = ScaledMatrix.Of(matrix, nameof(matrix));
        int m = scaled.Rows, n = scaled.Columns;
        var top = new LanczosBidiagonalisation(m, n);

        // as far as it goes: the residual that is left is reported
        top.Run(scaled.Elements, default, Tolerance);
        double s = top.Value;
        double rank = RankOneUpdate.SumOfSquares<double>(scaled.Elements, m, n) / s / s;
        double[] gradient = scaled.Elements;
        TensorPrimitives.Multiply(gradient, 2 / (s * s), gradient);
        RankOneUpdate.Add<double>(gradient, m, n, -2 * rank / s, top.Left, top.Right);
        return new StableRankGradient<T>(rank, ScaledMatrix.Restore<T>(m, n, gradient, -scaled.Exponent), top.Residual / s);
    }
}
