using System.Runtime.ExceptionServices;

namespace StableRank.LinearAlgebra;

/// <summary>Shares numbered pieces of work among workers: whoever is free draws the next number.</summary>
internal static class PieceLoop
{
    /// <summary>Has every piece done once; the first fault of a worker is thrown as it was.</summary>
    /// <param name="pieces">The number of pieces.</param>
    /// <param name="workers">How many work at a time, at least 1; one works on the calling thread.</param>
    /// <param name="singleThreaded">Whether a worker uses one thread of the backend.</param>
    /// <param name="cancellationToken">Ends the work between two pieces.</param>
    /// <param name="makeWorker">Makes what does a piece, by its number from 0; called once a worker, on its thread.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Run(
        long pieces, int workers, bool singleThreaded, CancellationToken cancellationToken, Func<Action<long>> makeWorker)
    {
        var next = -1L;

        void Work(ParallelLoopState? state)
        {
            using var scope = singleThreaded ? Backend.SingleThreaded() : null;
            var worker = makeWorker();
            long piece;
            while ((piece = Interlocked.Increment(ref next)) < pieces && state is not { ShouldExitCurrentIteration: true })
            {
                cancellationToken.ThrowIfCancellationRequested();
                worker(piece);
            }
        }

        if (workers == 1)
        {
            Work(null);
            return;
        }

        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancellationToken };
            Parallel.For(0, workers, options, (_, state) => Work(state));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }
}
