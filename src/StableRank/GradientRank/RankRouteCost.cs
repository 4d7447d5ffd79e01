namespace StableRank.GradientRank;

/// <summary>
/// What each route costs, in floating-point operations of a matrix product. A reduction to bidiagonal or tridiagonal form in one stage does
/// half of its operations in products of a matrix and a vector, which go at the speed of memory: they count
/// <see cref="MatrixVectorWeight"/> times. In two stages, by which values alone of large matrices are computed, nearly all are products.
/// <para>
/// Measured on one thread with MKL in double (a product at 90 GFLOP/s), in operations of a product: values of N x N 17, 9.9, 6.6 N^3 at
/// N = 256, 512, 1024 (13, 6.7, 6.7 here); eigenvalues of order N 9, 6.7, 6.9 N^3 (6.7 here); the Gram matrix 1.6, 1.4, 1.2 M N^2; values
/// of 2048 x 512 6.2 M N^2 (3.5 here), of 784 x 512 8.2 (7.8 here). So a Gram matrix is the quicker one below some hundred rows and
/// columns, and of large matrices where one side is longer than the other.
/// </para>
/// </summary>
public static class RankRouteCost
{
    /// <summary>Operations of a matrix product that take as long as one of a product of a matrix and a vector.</summary>
    public const double MatrixVectorWeight = 9;

    /// <summary>How far above its own error bound a Gram matrix is trusted with a tolerance: it blurs it by 1/64 then at most.</summary>
    public const double GramMargin = 8;

    private const double OneStageWeight = (1 + MatrixVectorWeight) / 2;

    /// <summary>Of products of narrow blocks, and of the passes over the band.</summary>
    private const double TwoStageWeight = 2.5;

    /// <summary>Values alone come in two stages from so many rows and columns on, see <see cref="LinearAlgebra.SingularValues"/>.</summary>
    private const int TwoStagesFrom = 320;

    private const double UnitRoundoff = 1.0 / (1L << 53);

    /// <summary>
    /// Values alone, M x N with M &gt;= N: the bidiagonal form directly, 4 M N^2 - 4/3 N^3, or above M = 5/3 N that of the triangle after a
    /// QR, 2 N^2 (M - N/3) + 8/3 N^3; in one stage by LAPACK's gesdd, or in two from N = 320 on.
    /// </summary>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative.</exception>
    public static double Values(int rows, int columns)
    {
        var (longer, shorter) = Sides(rows, columns);
        var weight = shorter < TwoStagesFrom ? OneStageWeight : TwoStageWeight;
        return 3 * longer > 5 * shorter
            ? Triangle(longer, shorter) + (weight * 8 / 3 * shorter * shorter * shorter)
            : weight * ((4 * longer * shorter * shorter) - (4.0 / 3 * shorter * shorter * shorter));
    }

    /// <summary>
    /// A product of factors m x k and n x k: a QR of each that has more rows than columns, the core's product, its values.
    /// </summary>
    /// <param name="rows">m.</param>
    /// <param name="columns">n.</param>
    /// <param name="inner">k.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative.</exception>
    public static double Factors(int rows, int columns, int inner)
    {
        Sides(rows, columns);
        ArgumentOutOfRangeException.ThrowIfNegative(inner);
        int p = Math.Min(rows, inner), q = Math.Min(columns, inner);
        return (rows > inner ? Triangle(rows, inner) : 0) + (columns > inner ? Triangle(columns, inner) : 0)
            + (2.0 * p * q * inner) + Values(p, q);
    }

    /// <summary>A Gram matrix of the shorter side N, half a product: M N^2, and its eigenvalues in one stage, 4/3 N^3.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative.</exception>
    public static double Gram(int rows, int columns)
    {
        var (longer, shorter) = Sides(rows, columns);
        return (longer * shorter * shorter) + (OneStageWeight * 4 / 3 * shorter * shorter * shorter);
    }

    /// <summary>
    /// The smallest tolerance, over s_1, that a Gram matrix in double is sure to resolve whatever the spectrum:
    /// <see cref="GramMargin"/> sqrt(u (M + 2) N), M &gt;= N the sizes and u = 2^-53. See <see cref="MeasuredRank.Accuracy"/>.
    /// </summary>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative.</exception>
    public static double GramTolerance(int rows, int columns)
    {
        var (longer, shorter) = Sides(rows, columns);
        return GramMargin * Math.Sqrt(UnitRoundoff * (longer + 2) * shorter);
    }

    /// <summary>The cheapest route.</summary>
    /// <param name="rows">m.</param>
    /// <param name="columns">n.</param>
    /// <param name="inner">k, the columns of the factors; null: there are none.</param>
    /// <param name="tolerance">The smallest tolerance, over s_1, that ranks will be asked for; 0 keeps the Gram matrix out.</param>
    /// <returns>Values, Factors or Gram.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or the tolerance is negative or NaN.</exception>
    public static RankRoute Cheapest(int rows, int columns, int? inner, double tolerance)
    {
        RequireTolerance(tolerance, nameof(tolerance));
        var (route, cost) = (RankRoute.Values, Values(rows, columns));
        if (tolerance >= GramTolerance(rows, columns) && Gram(rows, columns) < cost)
        {
            (route, cost) = (RankRoute.Gram, Gram(rows, columns));
        }

        return inner is { } k && Factors(rows, columns, k) < cost ? RankRoute.Factors : route;
    }

    internal static void RequireTolerance(double tolerance, string name)
    {
        if (double.IsNaN(tolerance) || tolerance < 0)
        {
            throw new ArgumentOutOfRangeException(name, tolerance, $"The relative tolerance is {tolerance}; expected 0 or more.");
        }
    }

    private static double Triangle(double longer, double shorter) => 2 * shorter * shorter * (longer - (shorter / 3));

    private static (double Longer, double Shorter) Sides(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        return (Math.Max(rows, columns), Math.Min(rows, columns));
    }
}
