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
