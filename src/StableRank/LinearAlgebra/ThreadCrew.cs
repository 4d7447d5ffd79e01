using System.Runtime.ExceptionServices;

namespace StableRank.LinearAlgebra;

/// <summary>
/// Runs numbered pieces of work on several threads without allocating: whichever thread is free takes the next. The helping threads are
/// the process's own few (to queue work to the shared pool allocates now and then); they have no scope of
/// <see cref="Backend.SingleThreaded"/>, so that pieces should not call a native library's products.
/// </summary>
internal sealed class ThreadCrew
{
    /// <summary>A ticket beyond every number of pieces: no work is on offer.</summary>
    private const int Closed = int.MaxValue / 2;

    private static readonly SemaphoreSlim Calls = new(0);
    private static readonly Lock Gate = new();
    private static volatile ThreadCrew? offered;
    private static int helperCount;

    private readonly Action<int> _body;
    private readonly int _helpers;
    private int _pieces;
    private int _next = Closed;
    private int _finished;
    private Exception? _fault;

    /// <param name="body">Does a piece, by its number from 0; called from several threads at once.</param>
    /// <param name="threads">Threads that may take part, the calling one included.</param>
    public ThreadCrew(Action<int> body, int threads)
    {
        _body = body;
        _helpers = threads - 1;
        StartHelpers(_helpers);
    }

    /// <summary>
    /// Has every piece done once and returns when all of them are; the last fault is thrown as it was. Inside
    /// <see cref="Backend.SingleThreaded"/> it is <see cref="RunAlone"/>.
    /// </summary>
    public void Run(int pieces)
    {
        if (pieces == 1 || _helpers == 0 || SingleThreadedScope.IsOpen)
        {
            RunAlone(pieces);
            return;
        }

        // What is offered is complete before the first ticket can be drawn; a helper that comes late, even in a later run, draws a
        // ticket of the work then on offer or none.
        _pieces = pieces;
        _finished = 0;
        _fault = null;
        Volatile.Write(ref _next, 0);
        offered = this;
        Calls.Release(Math.Min(_helpers, pieces - 1));
        TakePieces();
        var wait = default(SpinWait);
        while (Volatile.Read(ref _finished) < pieces)
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }

        Volatile.Write(ref _next, Closed);

        // a run that has ended is not kept alive; another one may have been offered by now
        Interlocked.CompareExchange(ref offered, null, this);
        if (_fault is { } fault)
        {
            ExceptionDispatchInfo.Throw(fault);
        }
    }

    /// <summary>The same on the calling thread alone, which ends at the first fault.</summary>
    public void RunAlone(int pieces)
    {
        for (var piece = 0; piece < pieces; piece++)
        {
            _body(piece);
        }
    }

    /// <summary>Sees to it that there are at least so many helping threads.</summary>
    private static void StartHelpers(int count)
    {
        lock (Gate)
        {
            for (; helperCount < count; helperCount++)
            {
                new Thread(Help) { IsBackground = true, Name = "StableRank helper" }.Start();
            }
        }
    }

    private static void Help()
    {
        while (true)
        {
            Calls.Wait();
            offered?.TakePieces();
        }
    }

    /// <summary>Takes pieces until none is left.</summary>
    private void TakePieces()
    {
        for (var piece = Interlocked.Increment(ref _next) - 1; piece < _pieces; piece = Interlocked.Increment(ref _next) - 1)
        {
            try
            {
                _body(piece);
            }
            catch (Exception fault)
            {
                // On a helping thread it would end the process; the caller gets it instead.
                _fault = fault;
            }
            finally
            {
                Interlocked.Increment(ref _finished);
            }
        }
    }
}
