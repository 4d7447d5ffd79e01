namespace StableRank.Data;

/// <summary>How the numbers of one tensor lie in a file. Every product of sizes has been checked when an instance exists.</summary>
internal sealed class ArrayLayout
{
    private ArrayLayout(ElementType type, bool bigEndian, MemoryOrder order, int[] shape, long elementCount)
    {
        (Type, BigEndian, Order, Shape, ElementCount) = (type, bigEndian, order, shape, elementCount);
    }

    public ElementType Type { get; }

    public bool BigEndian { get; }

    public MemoryOrder Order { get; }

    public int[] Shape { get; }

    public long ElementCount { get; }

    public long ByteCount => ElementCount * ElementTypes.SizeOf(Type);

    /// <summary>Rows of the matrix "out x rest": the first dimension; 1 for a scalar.</summary>
    public int Rows => Shape.Length == 0 ? 1 : Shape[0];

    /// <summary>Columns of the matrix "out x rest": the product of all dimensions but the first.</summary>
    public long Columns => ColumnsOf(Shape);

    /// <summary>Null when the product of the dimensions other than 0, in bytes, goes beyond 2^63 - 1.</summary>
    /// <param name="type">Of one element.</param>
    /// <param name="bigEndian">Most significant byte first.</param>
    /// <param name="order">Which index runs fastest.</param>
    /// <param name="shape">Dimensions, none negative.</param>
    public static ArrayLayout? TryCreate(ElementType type, bool bigEndian, MemoryOrder order, int[] shape)
    {
        long product = 1;
        var empty = false;
        foreach (var dimension in shape)
        {
            if (dimension == 0)
            {
                empty = true;
            }
            else if (product > long.MaxValue / ElementTypes.SizeOf(type) / dimension)
            {
                return null;
            }
            else
            {
                product *= dimension;
            }
        }

        return new ArrayLayout(type, bigEndian, order, shape, empty ? 0 : product);
    }

    /// <summary>The product of all dimensions but the first, of a shape whose product has been checked.</summary>
    public static long ColumnsOf(IReadOnlyList<int> shape)
    {
        long columns = 1;
        for (var d = 1; d < shape.Count; d++)
        {
            if (shape[d] == 0)
            {
                return 0;
            }

            columns = checked(columns * shape[d]);
        }

        return columns;
    }
}
