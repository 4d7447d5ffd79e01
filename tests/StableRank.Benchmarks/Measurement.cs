namespace StableRank.Benchmarks;

/// <summary>The runs of one side of a comparison.</summary>
/// <param name="Library">What it computes on.</param>
/// <param name="Seconds">Each run's time; empty where it failed.</param>
/// <param name="Mebibytes">The greatest memory beyond what the process took before its inputs; NaN where it is not known.</param>
/// <param name="Versions">What the process says it is.</param>
/// <param name="Failure">Why there are no times; null where there are.</param>
internal sealed record Timing(string Library, double[] Seconds, double Mebibytes, string Versions, string? Failure = null)
{
    /// <summary>The median time; NaN where there is none.</summary>
    public double Median => Statistics.Median(Seconds);
}

/// <summary>What was measured of a comparison.</summary>
/// <param name="Row">The comparison.</param>
/// <param name="Ours">Our runs.</param>
/// <param name="Peers">The peer's runs, once for each library under it, in turn with ours; none where there is no peer.</param>
/// <param name="Notes">What a reader must know of it.</param>
internal sealed record Measurement(Comparison Row, Timing Ours, IReadOnlyList<Timing> Peers, IReadOnlyList<string> Notes)
{
    /// <summary>The peer's time over ours, run by run in rising order; empty where either failed.</summary>
    public double[] Ratios(Timing peer) => [.. Ours.Seconds.Zip(peer.Seconds, (mine, other) => other / mine).Order()];
}

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
