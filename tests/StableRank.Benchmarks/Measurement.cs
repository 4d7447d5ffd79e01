namespace StableRank.Benchmarks;

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
