namespace StableRank.LinearAlgebra;

/// <summary>
/// Keeps the workers of a <see cref="PieceLoop"/> together: a piece begins only when it is less than a size above the lowest that has not
/// ended. Pieces are drawn in order and each is entered and left once, so that the lowest never waits.
/// </summary>
/// <param name="size">How many pieces are at most under way or ended above one that has not; at least 1.</param>
internal sealed class PieceWindow(int size)
{
    private readonly object _gate = new();
    private readonly bool[] _ended = new bool[size];
    private long _lowest;

    /// <summary>Waits until the piece may begin.</summary>
    public void Enter(long piece)
    {
        lock (_gate)
        {
            while (piece - _lowest >= size)
            {
                Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>The piece has ended: done, faulted or given up.</summary>
    public void Leave(long piece)
    {
        lock (_gate)
        {
            _ended[piece % size] = true;
            while (_ended[_lowest % size])
            {
                _ended[_lowest % size] = false;
                _lowest++;
            }

            Monitor.PulseAll(_gate);
        }
    }
}
