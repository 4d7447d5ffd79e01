using StableRank.Networks;

namespace StableRank.Training;

/// <summary>The order of the samples in an epoch: a shuffle that depends on seed and epoch only.</summary>
internal sealed class EpochOrder(ulong seed, int count)
{
    private readonly int[] _order = new int[count];
    private int _epoch = -1;

    /// <summary>The indices of the samples of an epoch, counted from 0; valid until another epoch is asked for.</summary>
    public ReadOnlySpan<int> Of(int epoch)
    {
        if (epoch != _epoch)
        {
            for (var i = 0; i < _order.Length; i++)
            {
                _order[i] = i;
            }

            NetworkStreams.Shuffles(seed, epoch).Shuffle<int>(_order);
            _epoch = epoch;
        }

        return _order;
    }
}
