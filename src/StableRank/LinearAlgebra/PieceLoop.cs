using System.Runtime.ExceptionServices;

namespace StableRank.LinearAlgebra;

/// <summary>Shares numbered pieces of work among workers: whoever is free draws the next number.</summary>
internal static class PieceLoop
{
    /// <summary>
    /// Has every piece done once. Where pieces fault, the fault of the lowest number is thrown, as it was: the one that a single worker
    /// would have met, whatever the number of workers (pieces are drawn in order, and those below a faulty one are done). Inside
    /// <see cref="Backend.SingleThreaded"/> one worker works on the calling thread: loops in a piece of a loop stay in their thread.
    /// </summary>
    /// <param name="pieces">The number of pieces.</param>
    /// <param name="workers">How many work at a time at most, at least 1; one works on the calling thread.</param>
    /// <param name="singleThreaded">Whether a worker uses one thread of the backend.</param>
    /// <param name="cancellationToken">Ends the work between two pieces.</param>
    /// <param name="makeWorker">Makes what does a piece, by its number from 0; called once a worker, on its thread.</param>
    /// <param name="window">
    /// A piece begins only when it is less than this above the lowest that has not ended, so that what is to be combined in order never
    /// waits in greater number; left out: no bound. Fewer than the workers leave some idle.
    /// </param>
    /// <exception cref="OperationCanceledException">It was cancelled, and no piece had faulted.</exception>
    public static void Run(
        long pieces, int workers, bool singleThreaded, CancellationToken cancellationToken, Func<Action<long>> makeWorker,
        int? window = null)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var shared = new Shared(pieces, window is { } size ? new PieceWindow(size) : null, cancellationToken);
        if (workers == 1 || pieces <= 1 || SingleThreadedScope.IsOpen)
        {
            Work(shared, singleThreaded, makeWorker, cancellationToken);
        }
        else
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = workers };
            Parallel.For(
                0, (int)Math.Min(workers, pieces), options, _ => Work(shared, singleThreaded, makeWorker, cancellationToken));
        }

        shared.Fault?.Throw();
        if (shared.Stopped)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>As above, as a split says.</summary>
    public static void Run(
        long pieces, BatchSplit split, CancellationToken cancellationToken, Func<Action<long>> makeWorker, int? window = null) =>
        Run(pieces, split.Workers, split.SingleThreaded, cancellationToken, makeWorker, window);

    private static void Work(
        Shared shared, bool singleThreaded, Func<Action<long>> makeWorker, CancellationToken cancellationToken)
    {
        using var scope = singleThreaded ? Backend.SingleThreaded() : null;
        Action<long>? worker = null;
        while (shared.Draw() is { } piece)
        {
            try
            {
                worker ??= makeWorker();
                worker(piece);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                shared.Stopped = true;
            }
            catch (Exception fault)
            {
                shared.Failed(piece, ExceptionDispatchInfo.Capture(fault));
            }
            finally
            {
                shared.Ended(piece);
            }
        }
    }

    /// <summary>What the workers have in common: the next number, and the lowest that faulted.</summary>
    private sealed class Shared(long pieces, PieceWindow? window, CancellationToken cancellationToken)
    {
        private readonly Lock _gate = new();
        private long _next = -1;
        private readonly long _pieces = pieces;
        private long _end = pieces;

        public ExceptionDispatchInfo? Fault { get; private set; }

        /// <summary>Whether cancellation left pieces undone.</summary>
        public bool Stopped { get; set; }

        /// <summary>The next piece that is to be done; null where there is none.</summary>
        public long? Draw()
        {
            var piece = Interlocked.Increment(ref _next);
            if (piece >= _pieces)
            {
                return null;
            }

            // one that is drawn and not to be done is left too: those above it wait for it
            window?.Enter(piece);
            if (piece < Interlocked.Read(ref _end))
            {
                if (!cancellationToken.IsCancellationRequested)
                {
                    return piece;
                }

                Stopped = true;
            }

            window?.Leave(piece);
            return null;
        }

        public void Ended(long piece) => window?.Leave(piece);

        public void Failed(long piece, ExceptionDispatchInfo fault)
        {
            lock (_gate)
            {
                if (piece < _end)
                {
                    Interlocked.Exchange(ref _end, piece);
                    Fault = fault;
                }
            }
        }
    }
}
