namespace StableRank.Spectra;

/// <summary>The stable rank at which a matrix of independent Gaussian entries of one variance sits, theory (3.3).</summary>
public static class GaussianStableRank
{
    /// <summary>
    /// <c>m n / (sqrt m + sqrt n)^2</c>, the limit of the stable rank of a Gaussian m x n matrix as the shape grows: k/4 when square,
    /// nearly k when one side is much longer than the other. No matrix has a stable rank below 1, so that is the least value returned;
    /// the formula itself falls below it only where it means nothing, for shapes such as 1 x n and 2 x 2.
    /// </summary>
    /// <param name="rows">m, at least 1.</param>
    /// <param name="columns">n, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public static double Typical(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        // 1 / (1/sqrt m + 1/sqrt n)^2: no product of sizes
        double root = 1 / (1 / Math.Sqrt(rows) + 1 / Math.Sqrt(columns));
        return Math.Max(1, root * root);
    }
}
