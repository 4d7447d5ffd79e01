namespace StableRank.Replication;

/// <summary>Random networks of a model, measured one after another in a <see cref="ReplicateLoop"/>.</summary>
internal static class NetworkReplicates
{
    /// <summary>Calls <see cref="IReplicateWorker.Run"/> once for each replicate, on as many workers as run at a time.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than two replicates, or a number of workers below 1.</exception>
    public static void Run(
        ReplicateSize size,
        int replicates,
        ulong seed,
        int? workers,
        IProgress<ReplicationProgress>? progress,
        CancellationToken cancellationToken,
        Func<IReplicateWorker> makeWorker)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicates, 2);
        ReplicateLoop.Run(
            replicates, size, makeWorker, (worker, i) => worker.Run(seed, i, cancellationToken),
            workers, progress, cancellationToken);
    }
}
