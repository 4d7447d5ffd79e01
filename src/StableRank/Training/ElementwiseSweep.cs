using StableRank.LinearAlgebra;

namespace StableRank.Training;

/// <summary>
/// Runs an elementwise pass over a long array on several threads without allocating. Chunks are handed out to whichever thread is free; as
/// the pass is elementwise, the result does not depend on who did which. The helping threads are the process's own few: to queue work to
/// the shared pool allocates now and then.
/// </summary>
internal sealed class ElementwiseSweep
{
    /// <summary>Elements of a chunk: large beside the cost of handing it out (tens of nanoseconds), small beside a cache.</summary>
    public const int ChunkLength = 1 << 14;

    /// <summary>Shorter arrays are done by the calling thread alone: waking another costs as much as the pass.</summary>
    public const int SerialLength = 1 << 16;

    /// <summary>A ticket beyond every number of chunks: no work is on offer.</summary>
    private const int Closed = int.MaxValue / 2;

    private static readonly SemaphoreSlim Calls = new(0);
    private static readonly Lock Gate = new();
    private static volatile ElementwiseSweep? offered;
    private static int helperCount;

    private readonly Action<int, int> _body;
    private readonly int _helpers;
    private int _length;
    private int _chunks;
    private int _nextChunk = Closed;
    private int _finished;
    private Exception? _fault;

    /// <param name="body">The pass over (start, length); called from several threads at once, on disjoint ranges.</param>
    /// <param name="threads">Threads that may take part, the calling one included.</param>
    public ElementwiseSweep(Action<int, int> body, int threads)
    {
        _body = body;
        _helpers = threads - 1;
        StartHelpers(_helpers);
    }

    public ElementwiseSweep(Action<int, int> body)
        : this(body, Backend.Threads)
    {
    }

    /// <summary>Runs the pass over 0, ..., length - 1 and returns when all of it is done.</summary>
    public void Run(int length)
    {
        if (length <= SerialLength || _helpers == 0)
        {
            _body(0, length);
            return;
        }

        // What is offered is complete before the first ticket can be drawn; a helper that comes late, even in a later run, draws a
        // ticket of the work then on offer or none.
        _length = length;
        _chunks = ((length - 1) / ChunkLength) + 1;
        _finished = 0;
        _fault = null;
        Volatile.Write(ref _nextChunk, 0);
        offered = this;
        Calls.Release(Math.Min(_helpers, _chunks - 1));
        TakeChunks();
        var wait = default(SpinWait);
        while (Volatile.Read(ref _finished) < _chunks)
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }

        Volatile.Write(ref _nextChunk, Closed);

        // a sweep that has ended is not kept alive; another one may have been offered by now
        Interlocked.CompareExchange(ref offered, null, this);
        if (_fault is { } fault)
        {
            throw new InvalidOperationException($"A pass over {length} elements failed: {fault.Message}", fault);
        }
    }

    /// <summary>Sees to it that there are at least so many helping threads.</summary>
    private static void StartHelpers(int count)
    {
        lock (Gate)
        {
            for (; helperCount < count; helperCount++)
            {
                new Thread(Help) { IsBackground = true, Name = "StableRank elementwise sweep" }.Start();
            }
        }
    }

    private static void Help()
    {
        while (true)
        {
            Calls.Wait();
            offered?.TakeChunks();
        }
    }

    /// <summary>Takes chunks until none is left.</summary>
    private void TakeChunks()
    {
        for (var chunk = Interlocked.Increment(ref _nextChunk) - 1; chunk < _chunks; chunk = Interlocked.Increment(ref _nextChunk) - 1)
        {
            try
            {
                var start = chunk * ChunkLength;
                _body(start, Math.Min(ChunkLength, _length - start));
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
