using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace StableRank.Data;

/// <summary>Turns stored elements into double or float. An element that is stored as T is copied, without a detour.</summary>
internal static class ElementDecoder
{
    /// <summary>Spans of bytes are counted by an int, spans of elements too: longer ones are read piece by piece.</summary>
    private const int PieceBytes = 1 << 23;

    private const int BufferBytes = 1 << 16;

    /// <summary>Reads the next elements. Values that T cannot hold exactly are rounded to nearest.</summary>
    public static void Read<T>(ByteSource source, ElementType type, bool bigEndian, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var swap = bigEndian == BitConverter.IsLittleEndian;
        if (type == ElementTypes.Of<T>())
        {
            ReadDirect(source, swap, destination);
        }
        else
        {
            ReadConverted(source, type, swap, destination);
        }
    }

    private static void ReadDirect<T>(ByteSource source, bool swap, Span<T> destination)
        where T : unmanaged
    {
        var size = Marshal.SizeOf<T>();
        while (!destination.IsEmpty)
        {
            var piece = destination[..Math.Min(destination.Length, PieceBytes / size)];
            var bytes = MemoryMarshal.AsBytes(piece);
            source.ReadExactly(bytes, "the array");
            if (swap)
            {
                Reverse(bytes, size);
            }

            destination = destination[piece.Length..];
        }
    }

    private static void ReadConverted<T>(ByteSource source, ElementType type, bool swap, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var size = ElementTypes.SizeOf(type);
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(BufferBytes, (long)destination.Length * size));
        try
        {
            while (!destination.IsEmpty)
            {
                var count = Math.Min(destination.Length, buffer.Length / size);
                var bytes = buffer.AsSpan(0, count * size);
                source.ReadExactly(bytes, "the array");
                if (swap)
                {
                    Reverse(bytes, size);
                }

                Convert(type, bytes, destination[..count]);
                destination = destination[count..];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Convert<T>(ElementType type, ReadOnlySpan<byte> bytes, Span<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        switch (type)
        {
            case ElementType.Boolean:
                for (var i = 0; i < bytes.Length; i++)
                {
                    values[i] = bytes[i] == 0 ? T.Zero : T.One;
                }

                break;
            case ElementType.Int8: From<sbyte, T>(bytes, values); break;
            case ElementType.Int16: From<short, T>(bytes, values); break;
            case ElementType.Int32: From<int, T>(bytes, values); break;
            case ElementType.Int64: From<long, T>(bytes, values); break;
            case ElementType.UInt8: From<byte, T>(bytes, values); break;
            case ElementType.UInt16: From<ushort, T>(bytes, values); break;
            case ElementType.UInt32: From<uint, T>(bytes, values); break;
            case ElementType.UInt64: From<ulong, T>(bytes, values); break;
            case ElementType.Float16: HalfFormats.FromHalf(MemoryMarshal.Cast<byte, Half>(bytes), values); break;
            case ElementType.BFloat16: HalfFormats.FromBFloat16(MemoryMarshal.Cast<byte, ushort>(bytes), values); break;
            case ElementType.Float32: From<float, T>(bytes, values); break;
            case ElementType.Float64: From<double, T>(bytes, values); break;
            default: throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type");
        }
    }

    private static void From<TStored, T>(ReadOnlySpan<byte> bytes, Span<T> values)
        where TStored : unmanaged, INumberBase<TStored>
        where T : unmanaged, INumberBase<T> =>
        TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, TStored>(bytes), values);

    private static void Reverse(Span<byte> bytes, int size)
    {
        switch (size)
        {
            case 2:
                var two = MemoryMarshal.Cast<byte, ushort>(bytes);
                BinaryPrimitives.ReverseEndianness(two, two);
                break;
            case 4:
                var four = MemoryMarshal.Cast<byte, uint>(bytes);
                BinaryPrimitives.ReverseEndianness(four, four);
                break;
            case 8:
                var eight = MemoryMarshal.Cast<byte, ulong>(bytes);
                BinaryPrimitives.ReverseEndianness(eight, eight);
                break;
        }
    }
}
