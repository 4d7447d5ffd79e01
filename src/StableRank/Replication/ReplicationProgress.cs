namespace StableRank.Replication;

/// <summary>How far a Monte Carlo run has come.</summary>
/// <param name="Completed">Replicates done.</param>
/// <param name="Total">Replicates asked for.</param>
public readonly record struct ReplicationProgress(int Completed, int Total);
