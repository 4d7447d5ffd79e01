namespace StableRank.Data;

/// <summary>The element types of safetensors by the names that the format gives them.</summary>
internal static class SafetensorsTypes
{
    private static readonly (string Name, ElementType Type)[] Known =
    [
        ("BOOL", ElementType.Boolean), ("U8", ElementType.UInt8), ("I8", ElementType.Int8), ("I16", ElementType.Int16),
        ("U16", ElementType.UInt16), ("F16", ElementType.Float16), ("BF16", ElementType.BFloat16), ("I32", ElementType.Int32),
        ("U32", ElementType.UInt32), ("F32", ElementType.Float32), ("F64", ElementType.Float64), ("I64", ElementType.Int64),
        ("U64", ElementType.UInt64),
    ];

    /// <summary>The names of the types that can be read.</summary>
    public static string Names { get; } = string.Join(", ", Known.Select(known => known.Name));

    /// <summary>Null for a type that cannot be read, such as the formats of 8 bits and less.</summary>
    public static ElementType? Parse(string name) => Index(name) is >= 0 and var i ? Known[i].Type : null;

    /// <summary>The same text, in one instance for all tensors where it is a known type's.</summary>
    public static string Shared(string name) => Index(name) is >= 0 and var i ? Known[i].Name : name;

    public static string NameOf(ElementType type) => Array.Find(Known, known => known.Type == type).Name;

    private static int Index(string name) => Array.FindIndex(Known, known => known.Name == name);
}
