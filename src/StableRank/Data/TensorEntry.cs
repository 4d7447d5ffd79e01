namespace StableRank.Data;

/// <summary>One tensor of a file: what is known of it before its numbers are read.</summary>
public sealed class TensorEntry
{
    internal TensorEntry(
        string file,
        string name,
        IEnumerable<int> shape,
        string typeName,
        ElementType? elementType,
        long byteCount,
        TensorLocation? location = null)
    {
        File = file;
        Name = name;
        Shape = Array.AsReadOnly(shape.ToArray());
        TypeName = typeName;
        ElementType = elementType;
        ByteCount = byteCount;
        Location = location;
    }

    /// <summary>Path of the file that holds the tensor.</summary>
    public string File { get; }

    /// <summary>Name of the tensor in its file; for a file that holds just one, the file's name without its extension.</summary>
    public string Name { get; }

    /// <summary>The dimensions, first index first; empty for a scalar.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>The element type as the file spells it, such as "&lt;f4" or "BF16"; "text" where numbers are written out.</summary>
    public string TypeName { get; }

    /// <summary>
    /// The element type; null when the elements are not real numbers (text, objects, complex): such a tensor is listed and cannot be
    /// read.
    /// </summary>
    public ElementType? ElementType { get; }

    /// <summary>Bytes of the elements, uncompressed.</summary>
    public long ByteCount { get; }

    /// <summary>Where the elements lie, for file kinds that read them by offset.</summary>
    internal TensorLocation? Location { get; }

    /// <summary>Rows of the matrix "out x rest": the first dimension; 1 for a scalar.</summary>
    public int Rows => Shape.Count == 0 ? 1 : Shape[0];

    /// <summary>Columns of the matrix "out x rest": the product of all dimensions but the first; 1 for a vector.</summary>
    public long Columns => ArrayLayout.ColumnsOf(Shape);

    /// <summary>Name, shape and type.</summary>
    public override string ToString() => $"{Name} ({string.Join(", ", Shape)}) {TypeName}";

    /// <summary>The entry of an array with an .npy header.</summary>
    internal static TensorEntry Of(ByteSource source, NpyHeader header, string name)
    {
        var bytes = header.Layout?.ByteCount ?? (source.Length - header.Length) ?? 0;
        return new TensorEntry(source.File, name, header.Shape, header.TypeName, header.Layout?.Type, bytes);
    }
}
