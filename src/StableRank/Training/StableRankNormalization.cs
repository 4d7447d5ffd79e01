using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Training;

/// <summary>
/// Stable Rank Normalization (Sanyal, Torr and Dokania 2020, arXiv 1906.04659), theory (8.4): bounds the stable rank from above and keeps
/// s_1. It is (8.2) with the spectral norm kept, where the stable rank exceeds the bound, and nothing elsewhere.
/// </summary>
public static class StableRankNormalization
{
    /// <summary>The nearest matrix with the same spectral norm and a stable rank of at most r.</summary>
    /// <param name="matrix">W, m x n, of double or float; not changed.</param>
    /// <param name="stableRank">r, from 1 to min(m, n).</param>
    /// <returns>The projection; where sr(W) &lt;= r a copy of W, with tau = s_1, c = 1, the stable rank of W and route Unchanged.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="matrix"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">r is not a number from 1 to k.</exception>
    /// <exception cref="ArgumentException">An entry is not finite, or the matrix is zero.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static StableRankProjection<T> AtMost<T>(Matrix<T> matrix, double stableRank)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(matrix);
        ProjectionGuard.RequireStableRank(stableRank, Math.Min(matrix.RowCount, matrix.ColumnCount));
        var scaled = ScaledMatrix.Of(matrix, nameof(matrix));
        var top = new LanczosBidiagonalisation(scaled.Rows, scaled.Columns);
        top.Run(scaled.Elements, default, TopSingularTriple.DefaultTolerance);

        // s <= s_1, so this is never less than the stable rank: what is at most r here is so in truth
        double norm = top.Value;
        double rank = RankOneUpdate.SumOfSquares<double>(scaled.Elements, scaled.Rows, scaled.Columns) / norm / norm;
        if (rank > stableRank)
        {
            return NearestStableRank.Project(matrix, stableRank, KeptNorm.Spectral);
        }

        norm = Math.ScaleB(norm, scaled.Exponent);
        return new StableRankProjection<T>(
            matrix.Clone(), rank, norm, 1, norm, 0, ProjectionRoute.Unchanged, top.Iterations,
            Math.ScaleB(top.Residual, scaled.Exponent), true);
    }
}
