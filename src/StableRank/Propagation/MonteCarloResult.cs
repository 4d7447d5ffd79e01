namespace StableRank.Propagation;

/// <summary>A Monte Carlo run: one measurement a layer, and what the reader must know of them.</summary>
/// <param name="Layers">First layer first.</param>
/// <param name="Replicates">The number of networks drawn.</param>
/// <param name="Inputs">The number of inputs sent through each.</param>
/// <param name="Seed">The seed they were drawn from.</param>
/// <param name="Warnings">Where the sample is too small for its own standard error, and similar; empty where all is well.</param>
public sealed record MonteCarloResult(
    IReadOnlyList<LayerMeasurement> Layers, int Replicates, int Inputs, ulong Seed, IReadOnlyList<string> Warnings);
