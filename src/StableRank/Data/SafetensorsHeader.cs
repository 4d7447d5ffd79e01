using System.Buffers.Binary;

namespace StableRank.Data;

/// <summary>
/// The header of a safetensors file: eight bytes with its length, then JSON that gives each tensor's type, shape and range of the data
/// that follow; the ranges cover the data without gap or overlap.
/// </summary>
/// <param name="Tensors">In the order in which the header names them.</param>
/// <param name="Metadata">The texts under "__metadata__".</param>
internal sealed record SafetensorsHeader(IReadOnlyList<TensorEntry> Tensors, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>The format's own limit, in bytes of JSON.</summary>
    public const int MaximumLength = 100_000_000;

    /// <summary>Bytes of the length before the JSON.</summary>
    public const int FramingLength = 8;

    public const string MetadataKey = "__metadata__";

    /// <summary>The data begin at a multiple of this; spaces fill the header up.</summary>
    public const int Alignment = 8;

    /// <summary>Reads and checks the header; the elements are not touched.</summary>
    /// <exception cref="DataFormatException">Malformed, truncated, or the tensors are not what the file holds.</exception>
    public static SafetensorsHeader Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = Open(path);
        var source = ByteSource.Of(stream, path);
        Span<byte> framing = stackalloc byte[FramingLength];
        source.ReadExactly(framing, "the length of the header");
        var claimed = BinaryPrimitives.ReadUInt64LittleEndian(framing);
        if (claimed > MaximumLength)
        {
            throw source.Error($"a header of {claimed} bytes; the format allows {MaximumLength}", 0);
        }

        var json = source.ReadBytes((int)claimed, "the header");
        var data = source.Position;
        var location = new TensorLocation(data, stream.Length, File.GetLastWriteTimeUtc(stream.SafeFileHandle));
        return new SafetensorsHeaderParser(source, location).Parse(json);
    }

    public static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
}
