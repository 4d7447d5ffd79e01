namespace StableRank.Benchmarks;

/// <summary>Statistics of a handful of runs.</summary>
internal static class Statistics
{
    /// <summary>The middle value, of an even number the mean of the two in the middle; NaN of none.</summary>
    public static double Median(double[] values)
    {
        if (values.Length == 0)
        {
            return double.NaN;
        }

        var sorted = values.Order().ToArray();
        return 0.5 * (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]);
    }
}
