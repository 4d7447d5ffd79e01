using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Training;

/// <summary>
/// The greatest singular value of a matrix with its vectors, without a decomposition. W v = s u holds to rounding, so that
/// s = ||W v|| &lt;= s_1; W'u = s v + e, and some singular value lies within ||e|| of s.
/// </summary>
/// <remarks>
/// Where s_1 is simple and s_2 the next, s_1 - s &lt;= ||e||^2 / (s - s_2): the value is far better than its residual. That s is the
/// greatest is what a random start makes certain but for a set of measure zero; <see cref="NearestStableRank"/> proves it as well.
/// </remarks>
/// <param name="Value">s.</param>
/// <param name="Left">u, m entries, of length 1.</param>
/// <param name="Right">v, n entries, of length 1.</param>
/// <param name="Residual">||W'u - s v||.</param>
/// <param name="Iterations">Steps of the iteration: two products with a vector each.</param>
/// <param name="Converged">Whether the residual is within the tolerance times s.</param>
public sealed record TopSingularTriple(
    double Value, Vector<double> Left, Vector<double> Right, double Residual, int Iterations, bool Converged)
{
    /// <summary>The residual that is asked for, over s, where none is given.</summary>
    public const double DefaultTolerance = 1e-10;

    /// <summary>The greatest singular triple by Lanczos bidiagonalisation (Golub and Kahan 1965), restarted, in double precision.</summary>
    /// <param name="matrix">W, m x n, of double or float; not changed.</param>
    /// <param name="start">An estimate of v, n entries, of any norm but 0; null starts from a fixed Gaussian vector.</param>
    /// <param name="tolerance">The residual asked for, over s; above 0.</param>
    /// <exception cref="ArgumentNullException"><paramref name="matrix"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// An entry is not finite, the matrix is zero, or the start has not n entries or no direction.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The tolerance is not a number above 0.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static TopSingularTriple Of<T>(Matrix<T> matrix, Vector<double>? start = null, double tolerance = DefaultTolerance)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        MatrixGuard.RequireFinite(matrix, nameof(matrix));
        if (!double.IsFinite(tolerance) || tolerance <= 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(tolerance), tolerance, $"The tolerance is {tolerance}; expected a number above 0.");
        }

        if (start is not null && (start.Count != matrix.ColumnCount || !(start.L2Norm() > 0) || !double.IsFinite(start.L2Norm())))
        {
            throw new ArgumentException(
                $"The start has {start.Count} entries and length {start.L2Norm()}; expected {matrix.ColumnCount} and a length above 0.",
                nameof(start));
        }

        var scaled = ScaledMatrix.Of(matrix, nameof(matrix));
        var lanczos = new LanczosBidiagonalisation(scaled.Rows, scaled.Columns);
        lanczos.Run(scaled.Elements, start is null ? default : start.ToArray(), tolerance);
        return new TopSingularTriple(
            Math.ScaleB(lanczos.Value, scaled.Exponent),
            Vector<double>.Build.Dense(lanczos.Left),
            Vector<double>.Build.Dense(lanczos.Right),
            Math.ScaleB(lanczos.Residual, scaled.Exponent),
            lanczos.Iterations,
            lanczos.Residual <= tolerance * lanczos.Value);
    }
}
