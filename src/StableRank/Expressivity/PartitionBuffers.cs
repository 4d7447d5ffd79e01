using System.Buffers;

namespace StableRank.Expressivity;

/// <summary>
/// The large arrays of a partition in the making, one after the other from the shared pool: fresh memory costs more than what is done with
/// it. Contents are arbitrary. Those too large to be kept beyond their use are the collector's.
/// </summary>
internal static class PartitionBuffers
{
    /// <summary>32 MiB; a power of two, as the pool's own sizes are.</summary>
    private const int GreatestKept = 1 << 22;

    /// <summary>An array of at least so many numbers.</summary>
    public static double[] Take(int length) =>
        length <= GreatestKept ? ArrayPool<double>.Shared.Rent(length) : GC.AllocateUninitializedArray<double>(length);

    /// <summary>Gives back an array that <see cref="Take"/> gave.</summary>
    public static void Give(double[] array)
    {
        if (array.Length <= GreatestKept)
        {
            ArrayPool<double>.Shared.Return(array);
        }
    }

    /// <summary>An array of at least so many numbers, of which the first are those of another, that is given back.</summary>
    public static double[] Exchange(double[] array, int kept, int length)
    {
        var result = Take(length);
        array.AsSpan(0, kept).CopyTo(result);
        Give(array);
        return result;
    }
}
