using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>
/// Files of named tensors in the safetensors format. Opening one reads and checks the header: ranges within the file that cover it
/// without gap or overlap, sizes that are shape times type, no name twice. A tensor is read when it is asked for, by its offset. F64,
/// F32, F16, BF16, I8 to I64, U8 to U64 and BOOL are read; F64, F32, F16 and BF16 are written. Nothing stays open, and an instance may
/// be used from several threads at once.
/// </summary>
public sealed class Safetensors
{
    private readonly string path;
    private readonly SafetensorsHeader header;
    private readonly Dictionary<string, TensorEntry> entries;

    private Safetensors(string path, SafetensorsHeader header)
    {
        this.path = path;
        this.header = header;
        Names = Array.AsReadOnly(header.Tensors.Select(entry => entry.Name).ToArray());
        entries = header.Tensors.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
    }

    /// <summary>The names of the tensors, in the order in which the header names them.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The texts that the file carries under "__metadata__".</summary>
    public IReadOnlyDictionary<string, string> Metadata => header.Metadata;

    /// <summary>Reads the header of a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataFormatException">The header is malformed or truncated, or does not describe what the file holds.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static Safetensors Open(string path) => new(path, SafetensorsHeader.Read(path));

    /// <summary>
    /// Writes a file. It appears whole or not at all: when <paramref name="fill"/> or the disk fails, an older one stays as it was.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="fill">Adds the tensors; they are written after it returns and must not change before.</param>
    /// <param name="metadata">Texts to carry along; none when null.</param>
    /// <exception cref="ArgumentException">A value is beyond the range of the type that it is to be written as.</exception>
    public static void Write(string path, Action<SafetensorsWriter> fill, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(fill);
        var writer = new SafetensorsWriter();
        fill(writer);
        AtomicFile.Write(path, stream => writer.WriteTo(stream, metadata));
    }

    /// <summary>What is known of a tensor from the header.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">The file has no such tensor.</exception>
    public TensorEntry Describe(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return entries.TryGetValue(name, out var entry)
            ? entry
            : throw new ArgumentException($"{path} has no tensor '{name}'; it has {Known()}", nameof(name));
    }

    /// <summary>Reads a tensor of any number of dimensions.</summary>
    /// <typeparam name="T">double or float; a tensor of that type is read without conversion, others are rounded to nearest.</typeparam>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">The file has no such tensor.</exception>
    /// <exception cref="DataFormatException">
    /// The elements are of a type that cannot be read, or the file has been changed since it was opened.
    /// </exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public NumericArray<T> Read<T>(string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ElementTypes.Of<T>();
        return Read(Describe(name), ArrayReader.ReadArray<T>);
    }

    /// <summary>
    /// Reads a matrix, or "out x rest" of a tensor: its first dimension times the product of the others; a vector becomes one column.
    /// </summary>
    /// <inheritdoc cref="Read{T}(string)"/>
    public Matrix<T> ReadMatrix<T>(string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ElementTypes.Of<T>();
        return Read(Describe(name), ArrayReader.ReadMatrix<T>);
    }

    /// <summary>Reads the elements of one entry of a header.</summary>
    internal static TResult Read<TResult>(TensorEntry entry, Func<ByteSource, ArrayLayout, TResult> read)
    {
        var location = entry.Location
            ?? throw new ArgumentException($"{entry} was not listed from a safetensors file", nameof(entry));
        using var stream = SafetensorsHeader.Open(entry.File);
        var source = new ByteSource(
            stream, entry.File, member: null, location.Offset + entry.ByteCount, lengthIsMeasured: true, start: location.Offset);
        if (stream.Length != location.FileLength || File.GetLastWriteTimeUtc(stream.SafeFileHandle) != location.Written)
        {
            throw source.Error($"the file has been changed since its tensors were listed, '{entry.Name}' among them");
        }

        if (entry.ElementType is not { } type)
        {
            throw source.Error($"the elements of '{entry.Name}' are of type {entry.TypeName}; known are {SafetensorsTypes.Names}");
        }

        stream.Position = location.Offset;

        // The header was accepted because this product is the tensor's length.
        return read(source, ArrayLayout.TryCreate(type, bigEndian: false, MemoryOrder.RowMajor, [.. entry.Shape])!);
    }

    private string Known() => Names.Count == 0 ? "none" : string.Join(", ", Names);
}
