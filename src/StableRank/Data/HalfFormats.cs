using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StableRank.Data;

/// <summary>
/// The two formats of 16 bits: IEEE 754 binary16 and bfloat16, which is the upper half of a binary32. Both widen exactly; narrowing rounds
/// once, to nearest and ties to even, from double too.
/// </summary>
internal static class HalfFormats
{
    private const int Piece = 1024;

    /// <summary>Each half as T.</summary>
    public static void FromHalf<T>(ReadOnlySpan<Half> halves, Span<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(float))
        {
            TensorPrimitives.ConvertToSingle(halves, AsSingle(values));
            return;
        }

        Span<float> singles = stackalloc float[Piece];
        for (var done = 0; done < halves.Length; done += Piece)
        {
            var part = halves.Slice(done, Math.Min(Piece, halves.Length - done));
            TensorPrimitives.ConvertToSingle(part, singles);
            TensorPrimitives.ConvertTruncating<float, T>(singles[..part.Length], values[done..]);
        }
    }

    /// <summary>Each bfloat16, given as its bits, as T.</summary>
    public static void FromBFloat16<T>(ReadOnlySpan<ushort> bits, Span<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(float))
        {
            WidenBFloat16(bits, AsSingle(values));
            return;
        }

        Span<float> singles = stackalloc float[Piece];
        for (var done = 0; done < bits.Length; done += Piece)
        {
            var part = bits.Slice(done, Math.Min(Piece, bits.Length - done));
            WidenBFloat16(part, singles);
            TensorPrimitives.ConvertTruncating<float, T>(singles[..part.Length], values[done..]);
        }
    }

    /// <summary>The nearest half; infinite beyond 65520.</summary>
    public static Half ToHalf<T>(T value)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Half.CreateTruncating(value);

    /// <summary>The bits of the nearest bfloat16.</summary>
    public static ushort ToBFloat16<T>(T value)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var single = float.CreateTruncating(value);
        var bits = BitConverter.SingleToUInt32Bits(single);
        if (float.IsNaN(single))
        {
            // The quiet bit keeps a NaN whose payload lies in the lower half from becoming an infinity.
            return (ushort)((bits >> 16) | 0x40);
        }

        if (T.CreateTruncating(single) is var back && back != value)
        {
            // Rounding twice can miss the nearest. Cut off instead, and let the last bit say that something was: round to odd.
            bits -= T.Abs(back) > T.Abs(value) ? 1u : 0u;
            bits |= 1;
        }

        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private static void WidenBFloat16(ReadOnlySpan<ushort> bits, Span<float> singles)
    {
        var to = MemoryMarshal.Cast<float, uint>(singles);
        var i = 0;
        for (; i <= bits.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(bits[i..]), out var low, out var high);
            (low << 16).CopyTo(to[i..]);
            (high << 16).CopyTo(to[(i + Vector<uint>.Count)..]);
        }

        for (; i < bits.Length; i++)
        {
            to[i] = (uint)bits[i] << 16;
        }
    }

    private static Span<float> AsSingle<T>(Span<T> values)
        where T : unmanaged =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<T, float>(ref MemoryMarshal.GetReference(values)), values.Length);
}
