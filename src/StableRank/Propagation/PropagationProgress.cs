namespace StableRank.Propagation;

/// <summary>How far a Monte Carlo run has come.</summary>
/// <param name="Completed">Replicates done.</param>
/// <param name="Total">Replicates asked for.</param>
public readonly record struct PropagationProgress(int Completed, int Total);
