using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace StableRank.Data;

/// <summary>
/// Turns double or float into stored elements, in the machine's byte order. Narrowing rounds to nearest, ties to even; a finite value
/// that the narrower type would make infinite is refused.
/// </summary>
internal static class ElementEncoder
{
    /// <summary>Spans of bytes are counted by an int, spans of elements too: longer ones are written piece by piece.</summary>
    private const int PieceElements = 1 << 20;

    private const int BufferElements = 1 << 13;

    /// <summary>Writes the values as Float64, Float32, Float16 or BFloat16.</summary>
    /// <exception cref="ArgumentException">A finite value is beyond the greatest of the type.</exception>
    public static void Write<T>(Stream stream, ElementType type, ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (type == ElementTypes.Of<T>())
        {
            while (!values.IsEmpty)
            {
                var piece = values[..Math.Min(values.Length, PieceElements)];
                stream.Write(MemoryMarshal.AsBytes(piece));
                values = values[piece.Length..];
            }

            return;
        }

        var size = ElementTypes.SizeOf(type);
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Min(values.Length, BufferElements) * size);
        try
        {
            while (!values.IsEmpty)
            {
                var piece = values[..Math.Min(values.Length, BufferElements)];
                var bytes = buffer.AsSpan(0, piece.Length * size);
                Convert(type, piece, bytes);
                stream.Write(bytes);
                values = values[piece.Length..];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Convert<T>(ElementType type, ReadOnlySpan<T> values, Span<byte> bytes)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        switch (type)
        {
            case ElementType.Float64:
                TensorPrimitives.ConvertTruncating(values, MemoryMarshal.Cast<byte, double>(bytes));
                break;
            case ElementType.Float32:
                var singles = MemoryMarshal.Cast<byte, float>(bytes);
                TensorPrimitives.ConvertTruncating(values, singles);
                for (var i = 0; i < values.Length; i++)
                {
                    RequireInRange(values[i], float.IsInfinity(singles[i]), "single precision", float.MaxValue);
                }

                break;
            case ElementType.Float16:
                var halves = MemoryMarshal.Cast<byte, Half>(bytes);
                for (var i = 0; i < values.Length; i++)
                {
                    halves[i] = HalfFormats.ToHalf(values[i]);
                    RequireInRange(values[i], Half.IsInfinity(halves[i]), "half precision", (double)Half.MaxValue);
                }

                break;
            case ElementType.BFloat16:
                const ushort infinity = 0x7F80;
                const double greatest = 3.3895313892515355e38;        // (2 - 2^-7) 2^127
                var bits = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (var i = 0; i < values.Length; i++)
                {
                    bits[i] = HalfFormats.ToBFloat16(values[i]);
                    RequireInRange(values[i], (bits[i] & 0x7FFF) == infinity, "bfloat16", greatest);
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "not a type that is written");
        }
    }

    private static void RequireInRange<T>(T value, bool infinite, string type, double greatest)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (infinite && T.IsFinite(value))
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture, $"the value {value} is beyond the greatest of {type}, {greatest:R}"));
        }
    }
}
