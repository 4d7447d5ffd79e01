using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text.Encodings.Web;
using System.Text.Json;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>
/// Collects the tensors of a file that <see cref="Safetensors.Write"/> is about to write. They are not copied. The header names them in the
/// order in which they were added; the data lie by falling size of the element, so that each tensor is aligned to its type.
/// </summary>
public sealed class SafetensorsWriter
{
    private readonly List<Tensor> tensors = [];
    private readonly HashSet<string> names = new(StringComparer.Ordinal);

    internal SafetensorsWriter()
    {
    }

    /// <summary>Adds a matrix (rows x columns).</summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <param name="name">Any text but "__metadata__".</param>
    /// <param name="matrix">Any storage; it must not change before the file is written.</param>
    /// <param name="type">
    /// Float64, Float32, Float16 or BFloat16; null for T's own. Values are rounded to nearest, ties to even, once.
    /// </param>
    /// <exception cref="ArgumentException">The name has been used or is "__metadata__".</exception>
    /// <exception cref="ArgumentOutOfRangeException">The type is another.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public void Add<T>(string name, Matrix<T> matrix, ElementType? type = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(matrix);
        var stored = Stored<T>(type);
        Add(name, stored, [matrix.RowCount, matrix.ColumnCount], (long)matrix.RowCount * matrix.ColumnCount,
            stream => ArrayWriter.Write(stream, matrix, MemoryOrder.RowMajor, stored));
    }

    /// <summary>Adds an array of any number of dimensions.</summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <param name="name">Any text but "__metadata__".</param>
    /// <param name="array">The array.</param>
    /// <param name="type">
    /// Float64, Float32, Float16 or BFloat16; null for T's own. Values are rounded to nearest, ties to even, once.
    /// </param>
    /// <exception cref="ArgumentException">The name has been used or is "__metadata__".</exception>
    /// <exception cref="ArgumentOutOfRangeException">The type is another.</exception>
    public void Add<T>(string name, NumericArray<T> array, ElementType? type = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(array);
        var stored = Stored<T>(type);
        Add(name, stored, array.Shape, array.AsSpan().Length, stream => ElementEncoder.Write(stream, stored, array.AsSpan()));
    }

    /// <summary>Writes header and data to a stream at its start.</summary>
    internal void WriteTo(Stream stream, IReadOnlyDictionary<string, string>? metadata)
    {
        var laidOut = tensors.OrderByDescending(tensor => ElementTypes.SizeOf(tensor.Type)).ToList();
        long end = 0;
        foreach (var tensor in laidOut)
        {
            tensor.Begin = end;
            end = checked(end + tensor.ByteCount);
        }

        var json = BuildHeader(metadata);
        Span<byte> framing = stackalloc byte[SafetensorsHeader.FramingLength];
        BinaryPrimitives.WriteUInt64LittleEndian(framing, (ulong)json.Length);
        stream.Write(framing);
        stream.Write(json);
        foreach (var tensor in laidOut)
        {
            try
            {
                tensor.Write(stream);
            }
            catch (ArgumentException fault)
            {
                throw new ArgumentException($"the tensor '{tensor.Name}' cannot be written: {fault.Message}", fault);
            }
        }
    }

    private static ElementType Stored<T>(ElementType? type)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var stored = type ?? ElementTypes.Of<T>();
        ElementTypes.Of<T>();
        return stored is ElementType.Float64 or ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16
            ? stored
            : throw new ArgumentOutOfRangeException(nameof(type), type, "Float64, Float32, Float16 and BFloat16 are written");
    }

    private void Add(string name, ElementType type, IReadOnlyList<int> shape, long count, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name == SafetensorsHeader.MetadataKey)
        {
            throw new ArgumentException($"'{name}' is the format's own key and names no tensor", nameof(name));
        }

        if (!names.Add(name))
        {
            throw new ArgumentException($"the file already has a tensor '{name}'", nameof(name));
        }

        tensors.Add(new Tensor(name, type, shape, checked(count * ElementTypes.SizeOf(type)), write));
    }

    private byte[] BuildHeader(IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach (var (key, value) in metadata)
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            foreach (var tensor in tensors)
            {
                tensor.Describe(json);
            }

            json.WriteEndObject();
        }

        const int alignment = SafetensorsHeader.Alignment;
        var padded = new byte[(buffer.WrittenCount + alignment - 1) / alignment * alignment];
        if (padded.Length > SafetensorsHeader.MaximumLength)
        {
            throw new ArgumentException(
                $"a header of {padded.Length} bytes for {tensors.Count} tensors; the format allows {SafetensorsHeader.MaximumLength}");
        }

        padded.AsSpan().Fill((byte)' ');
        buffer.WrittenSpan.CopyTo(padded);
        return padded;
    }

    private sealed record Tensor(string Name, ElementType Type, IReadOnlyList<int> Shape, long ByteCount, Action<Stream> Write)
    {
        public long Begin { get; set; }

        public void Describe(Utf8JsonWriter json)
        {
            json.WriteStartObject(Name);
            json.WriteString("dtype", SafetensorsTypes.NameOf(Type));
            json.WriteStartArray("shape");
            foreach (var dimension in Shape)
            {
                json.WriteNumberValue(dimension);
            }

            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(Begin);
            json.WriteNumberValue(Begin + ByteCount);
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }
}
