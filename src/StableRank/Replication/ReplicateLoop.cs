using StableRank.LinearAlgebra;

namespace StableRank.Replication;

/// <summary>
/// Runs independent replicates (networks to measure, runs of training, matrices to decompose) so that the cores are used well and the
/// results do not depend on how.
/// <para>
/// Small replicates run at the same time, each inside <see cref="Backend.SingleThreaded"/>; large ones run one after the other, with all
/// threads inside the linear algebra. A replicate is large where a matrix has 2^22 entries or more (2048 x 2048: measured, the two ways
/// take the same time there, and one network's memory is less than several's) or where it takes a GiB; and where it is the only one and
/// not done in a millisecond. Fewer small ones run at a time where their memory would exceed a quarter of the machine's.
/// </para>
/// <para>
/// Reproducibility: the choice depends on the size and whether there is more than one, not on workers, threads or machine. Small
/// replicates give the same bits whatever the number of workers and of threads; large ones the same bits for the same number of
/// the backend's threads, whatever the number of workers. That holds where a replicate depends on its number alone (draw from
/// <c>model.Sample(seed, replicate)</c> or a stream of that replicate) and stores its result in a place of its own. Where replicates fault,
/// the fault of the lowest number is thrown, as a loop over them would throw it. Inside <see cref="Backend.SingleThreaded"/>, and so inside
/// a small replicate of another loop, all run on the calling thread.
/// </para>
/// </summary>
public static class ReplicateLoop
{
    /// <summary>Calls <paramref name="replicate"/> once for each number from 0.</summary>
    /// <param name="replicates">How many, at least 0.</param>
    /// <param name="size">The size of one, of the largest where they differ (<see cref="ReplicateSize.Of{T}"/> for a network).</param>
    /// <param name="replicate">Does the replicate of a number; called from several threads at a time.</param>
    /// <param name="workers">The greatest number at a time; left out: <see cref="Backend.Threads"/>.</param>
    /// <param name="progress">Told of about every hundredth, in increasing order, from the working threads.</param>
    /// <param name="cancellationToken">Looked at before every replicate.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number of replicates, or a number of workers below 1.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before all were done.</exception>
    public static void Run(
        int replicates,
        ReplicateSize size,
        Action<int> replicate,
        int? workers = null,
        IProgress<ReplicationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(replicate);
        Run(replicates, size, () => replicate, (one, i) => one(i), workers, progress, cancellationToken);
    }

    /// <summary>As above, with what a worker keeps from one replicate to the next, such as buffers.</summary>
    /// <typeparam name="TWorker">What it keeps.</typeparam>
    /// <param name="replicates">How many, at least 0.</param>
    /// <param name="size">The size of one, of the largest where they differ.</param>
    /// <param name="makeWorker">Makes it, on the worker's thread; it is used by that thread alone. At most one a worker.</param>
    /// <param name="replicate">Does the replicate of a number.</param>
    /// <param name="workers">The greatest number at a time; left out: <see cref="Backend.Threads"/>.</param>
    /// <param name="progress">Told of about every hundredth, in increasing order, from the working threads.</param>
    /// <param name="cancellationToken">Looked at before every replicate.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number of replicates, or a number of workers below 1.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before all were done.</exception>
    public static void Run<TWorker>(
        int replicates,
        ReplicateSize size,
        Func<TWorker> makeWorker,
        Action<TWorker, int> replicate,
        int? workers = null,
        IProgress<ReplicationProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        Run(replicates, size, makeWorker, replicate, workers, progress, cancellationToken, aheadOfEach: null);

    /// <summary>
    /// As above, of which one begins only when it is less than so many for each worker above the lowest that has not ended: what is
    /// combined in order waits in no greater number, and where all take about the same time no worker waits.
    /// </summary>
    internal static void Run<TWorker>(
        int replicates,
        ReplicateSize size,
        Func<TWorker> makeWorker,
        Action<TWorker, int> replicate,
        int? workers,
        IProgress<ReplicationProgress>? progress,
        CancellationToken cancellationToken,
        int? aheadOfEach)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(replicates);
        ArgumentNullException.ThrowIfNull(makeWorker);
        ArgumentNullException.ThrowIfNull(replicate);
        if (workers is { } given)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(given, 1, nameof(workers));
        }

        var counter = new ProgressCounter(replicates, progress);
        var split = BatchSplit.OfReplicates(replicates, size.MatrixEntries, size.Bytes, workers);
        PieceLoop.Run(
            replicates, split, cancellationToken,
            () =>
            {
                var worker = makeWorker();
                return i =>
                {
                    replicate(worker, (int)i);
                    counter.Completed();
                };
            },
            aheadOfEach is { } each ? (int)Math.Min((long)each * split.Workers, replicates) : null);
    }
}
