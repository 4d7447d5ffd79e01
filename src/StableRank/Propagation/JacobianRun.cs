namespace StableRank.Propagation;

/// <summary>A Monte Carlo run over Jacobians.</summary>
/// <param name="Layers">First layer first.</param>
/// <param name="Replicates">The number of networks drawn.</param>
/// <param name="Inputs">The number of inputs at which each network's Jacobian was taken.</param>
/// <param name="Seed">The seed they were drawn from.</param>
public sealed record JacobianRun(IReadOnlyList<JacobianMeasurement> Layers, int Replicates, int Inputs, ulong Seed);
