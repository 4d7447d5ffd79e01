using System.Numerics;

namespace StableRank.Data;

/// <summary>Sizes of the stored element types, and which of them the library's two precisions are.</summary>
internal static class ElementTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int SizeOf(ElementType type) => type switch
    {
        ElementType.Boolean or ElementType.Int8 or ElementType.UInt8 => 1,
        ElementType.Int16 or ElementType.UInt16 or ElementType.Float16 or ElementType.BFloat16 => 2,
        ElementType.Int32 or ElementType.UInt32 or ElementType.Float32 => 4,
        ElementType.Int64 or ElementType.UInt64 or ElementType.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type"),
    };

    /// <summary>The element type of T, which is double or float.</summary>
    /// <exception cref="NotSupportedException">T is anything else.</exception>
    public static ElementType Of<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(double))
        {
            return ElementType.Float64;
        }

        if (typeof(T) == typeof(float))
        {
            return ElementType.Float32;
        }

        throw new NotSupportedException($"arrays are read and written as double or float, not as {typeof(T).Name}");
    }
}
