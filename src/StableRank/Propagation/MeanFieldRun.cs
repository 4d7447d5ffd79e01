namespace StableRank.Propagation;

/// <summary>A Monte Carlo run over pairs of inputs.</summary>
/// <param name="Layers">First layer first.</param>
/// <param name="Replicates">The number of networks drawn.</param>
/// <param name="Pairs">The number of pairs sent through each.</param>
/// <param name="Seed">The seed they were drawn from.</param>
public sealed record MeanFieldRun(IReadOnlyList<MeanFieldMeasurement> Layers, int Replicates, int Pairs, ulong Seed);
