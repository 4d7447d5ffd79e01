using StableRank.Networks;

namespace StableRank.Replication;

/// <summary>Random networks of a model, measured one after another in a <see cref="ReplicateLoop"/>.</summary>
internal static class NetworkReplicates
{
    /// <summary>
    /// Networks of a model take about the same time, so that a worker falls behind only where a busy machine holds it up. What the others
    /// then do may have to wait for it, a kernel each.
    /// </summary>
    private const int Ahead = 4;

    /// <summary>What every measurement of random dense networks asks of its model and its number of replicates.</summary>
    /// <exception cref="ArgumentException">A layer is not dense.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than two replicates: one has no standard error.</exception>
    public static void RequireDense(Model model, int replicates)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.RequireDense();
        ArgumentOutOfRangeException.ThrowIfLessThan(replicates, 2);
    }

    /// <summary>
    /// Calls <see cref="IReplicateWorker.Run"/> once for each replicate, on as many workers as run at a time, the first of them at most
    /// <see cref="Ahead"/> for each worker before the last.
    /// </summary>
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
            workers, progress, cancellationToken, Ahead);
    }
}
