using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StableRank.Data;

/// <summary>Transposes between row-major and column-major storage in blocks that stay in the first-level cache.</summary>
internal static class BlockedTranspose
{
    private const int Block = 32;

    /// <summary>destination[c * destinationStride + r] = source[r * sourceStride + c] for r below rows and c below columns.</summary>
    public static void Copy<T>(
        ReadOnlySpan<T> source, int rows, int columns, int sourceStride, Span<T> destination, int destinationStride)
        where T : unmanaged
    {
        if (rows == 0 || columns == 0)
        {
            return;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(sourceStride, columns);
        ArgumentOutOfRangeException.ThrowIfLessThan(destinationStride, rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(
            source.Length, (((long)rows - 1) * sourceStride) + columns, nameof(source));
        ArgumentOutOfRangeException.ThrowIfLessThan(
            destination.Length, (((long)columns - 1) * destinationStride) + rows, nameof(destination));
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(destination);
        for (var c0 = 0; c0 < columns; c0 += Block)
        {
            var cEnd = Math.Min(c0 + Block, columns);
            for (var r0 = 0; r0 < rows; r0 += Block)
            {
                CopyBlock(ref from, r0, Math.Min(r0 + Block, rows), c0, cEnd, sourceStride, ref to, destinationStride);
            }
        }
    }

    private static void CopyBlock<T>(ref T from, int r0, int rEnd, int c0, int cEnd, nint sourceStride, ref T to, nint destinationStride)
    {
        for (var c = c0; c < cEnd; c++)
        {
            ref var column = ref Unsafe.Add(ref from, c);
            ref var row = ref Unsafe.Add(ref to, c * destinationStride);
            for (nint r = r0; r < rEnd; r++)
            {
                Unsafe.Add(ref row, r) = Unsafe.Add(ref column, r * sourceStride);
            }
        }
    }
}
