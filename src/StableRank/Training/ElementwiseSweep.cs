using StableRank.LinearAlgebra;

namespace StableRank.Training;

/// <summary>
/// Runs an elementwise pass over a long array on several threads without allocating. As the pass is elementwise, the result does not depend
/// on who did which chunk.
/// </summary>
internal sealed class ElementwiseSweep
{
    /// <summary>Elements of a chunk: large beside the cost of handing it out (tens of nanoseconds), small beside a cache.</summary>
    public const int ChunkLength = 1 << 14;

    /// <summary>Shorter arrays are done by the calling thread alone: waking another costs as much as the pass.</summary>
    public const int SerialLength = 1 << 16;

    private readonly Action<int, int> _body;
    private readonly bool _alone;
    private readonly ThreadCrew _crew;
    private int _length;

    /// <param name="body">The pass over (start, length); called from several threads at once, on disjoint ranges.</param>
    /// <param name="threads">Threads that may take part, the calling one included.</param>
    public ElementwiseSweep(Action<int, int> body, int threads)
    {
        _body = body;
        _alone = threads == 1;
        _crew = new ThreadCrew(Chunk, threads);
    }

    public ElementwiseSweep(Action<int, int> body)
        : this(body, Backend.Threads)
    {
    }

    /// <summary>Runs the pass over 0, ..., length - 1 and returns when all of it is done.</summary>
    public void Run(int length)
    {
        if (length <= SerialLength || _alone)
        {
            _body(0, length);
            return;
        }

        _length = length;
        try
        {
            _crew.Run(((length - 1) / ChunkLength) + 1);
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"A pass over {length} elements failed: {fault.Message}", fault);
        }
    }

    private void Chunk(int chunk)
    {
        var start = chunk * ChunkLength;
        _body(start, Math.Min(ChunkLength, _length - start));
    }
}
