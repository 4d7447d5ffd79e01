using System.Buffers.Binary;
using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>
/// Files in the IDX format, that of the MNIST images and labels: two zero bytes, the element type, the number of dimensions, each
/// dimension as four bytes, the elements in C order, all most significant byte first. Elements are unsigned or signed bytes, 16- or
/// 32-bit integers, single or double precision. A file may be packed with gzip, whatever its name.
/// </summary>
public static class IdxArray
{
    /// <summary>Reads an array of any number of dimensions.</summary>
    /// <typeparam name="T">double or float; stored values are rounded to nearest where T is narrower.</typeparam>
    /// <param name="path">The file, which holds one array and nothing else.</param>
    /// <exception cref="DataFormatException">The file is malformed, truncated, damaged or longer than its array.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static NumericArray<T> Read<T>(string path)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        ReadValues(path, ArrayReader.ReadArray<T>);

    /// <summary>
    /// Reads a matrix, or "out x rest" of an array: its first dimension times the product of the others, so that images become one row
    /// each; a vector becomes one column.
    /// </summary>
    /// <inheritdoc cref="Read{T}(string)"/>
    public static Matrix<T> ReadMatrix<T>(string path)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        ReadValues(path, ArrayReader.ReadMatrix<T>);

    /// <summary>Opens a file and reads its header.</summary>
    internal static TResult ReadFile<TResult>(string path, Func<ByteSource, ArrayLayout, TResult> read)
    {
        using var file = PackedFile.Open(path);

        // What a packed file claims to hold is not known to be there: memory grows with what arrives.
        var source = new ByteSource(file, path, member: null, file.IsPacked ? null : file.FileLength, lengthIsMeasured: true);
        var layout = ReadHeader(source);
        var most = file.IsPacked ? file.FileLength * PackedFile.LargestRatio : file.FileLength - source.Position;
        if (layout.ByteCount > most || (!file.IsPacked && layout.ByteCount < most))
        {
            var room = file.IsPacked ? $"the packed file cannot hold more than {most}" : $"{most} follow the header";
            throw source.Error(
                $"an array of shape ({string.Join(", ", layout.Shape)}) and type {layout.Type} has {layout.ByteCount} bytes, and {room}");
        }

        return read(source, layout);
    }

    /// <summary>The element type by its code in the third byte.</summary>
    internal static ElementType? TypeOf(byte code) => code switch
    {
        0x08 => ElementType.UInt8,
        0x09 => ElementType.Int8,
        0x0B => ElementType.Int16,
        0x0C => ElementType.Int32,
        0x0D => ElementType.Float32,
        0x0E => ElementType.Float64,
        _ => null,
    };

    /// <summary>Reads the elements, with nothing after them.</summary>
    internal static TResult ReadValues<TResult>(string path, Func<ByteSource, ArrayLayout, TResult> read) =>
        ReadFile(path, (source, layout) =>
        {
            var result = read(source, layout);
            source.RequireEnd();
            return result;
        });

    private static ArrayLayout ReadHeader(ByteSource source)
    {
        Span<byte> magic = stackalloc byte[4];
        source.ReadExactly(magic, "the magic number of an IDX file");
        if (magic is not [0, 0, _, _])
        {
            throw source.Error($"not an IDX file: it starts with {Convert.ToHexString(magic[..2])}, not with 0000", 0);
        }

        var type = TypeOf(magic[2])
            ?? throw source.Error($"the element type {magic[2]:X2}; IDX has 08, 09, 0B, 0C, 0D and 0E", 2);
        var shape = new int[magic[3]];
        Span<byte> dimension = stackalloc byte[4];
        for (var d = 0; d < shape.Length; d++)
        {
            source.ReadExactly(dimension, $"dimension {d} of {shape.Length}");
            shape[d] = BinaryPrimitives.ReadUInt32BigEndian(dimension) is <= int.MaxValue and var size
                ? (int)size
                : throw source.Error($"dimension {d} is {BinaryPrimitives.ReadUInt32BigEndian(dimension)}; {int.MaxValue} are the most",
                    source.Position - dimension.Length);
        }

        return ArrayLayout.TryCreate(type, bigEndian: true, MemoryOrder.RowMajor, shape)
            ?? throw source.Error($"the shape ({string.Join(", ", shape)}) needs more than {long.MaxValue} bytes", magic.Length);
    }
}
