using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Replication;

/// <summary>
/// Runs replicates in parallel, each with one BLAS thread; where a weight matrix has 2^22 entries or more one after the other, with the
/// threads inside BLAS. The choice depends on the model alone, so that results do not depend on the number of workers.
/// </summary>
internal static class ReplicateLoop
{
    private const long ThreadsInsideFrom = 1L << 22;

    /// <summary>Calls <see cref="IReplicateWorker.Run"/> once for each replicate, on as many workers as run at a time.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than two replicates, or a number of workers below 1.</exception>
    public static void Run(
        Model model,
        int replicates,
        ulong seed,
        int? workers,
        IProgress<ReplicationProgress>? progress,
        CancellationToken cancellationToken,
        Func<IReplicateWorker> makeWorker)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicates, 2);
        if (workers is { } given)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(given, 1, nameof(workers));
        }

        var threadsInside = model.Layers.Any(layer => (long)layer.OutputSize * layer.InputSize >= ThreadsInsideFrom);
        var parallel = threadsInside ? 1 : Math.Min(workers ?? Backend.Threads, replicates);
        var counter = new ProgressCounter(replicates, progress);
        PieceLoop.Run(replicates, parallel, !threadsInside, cancellationToken, () =>
        {
            var worker = makeWorker();
            return replicate =>
            {
                worker.Run(seed, (int)replicate, cancellationToken);
                counter.Completed();
            };
        });
    }
}
