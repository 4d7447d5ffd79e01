using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>An immutable array of numbers with any number of dimensions: what a file holds beyond matrices.</summary>
/// <typeparam name="T">double or float.</typeparam>
public sealed class NumericArray<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T[] values;

    /// <summary>Copies the values.</summary>
    /// <param name="shape">The dimensions; none at all for a scalar; a dimension may be 0.</param>
    /// <param name="values">In C order (the last index runs fastest), as many as the product of the dimensions.</param>
    /// <exception cref="ArgumentException">
    /// A dimension is negative, or the number of values is not the product of the dimensions.
    /// </exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public NumericArray(IEnumerable<int> shape, ReadOnlySpan<T> values)
    {
        ArgumentNullException.ThrowIfNull(shape);
        int[] dimensions = [.. shape];
        foreach (var dimension in dimensions)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dimension, nameof(shape));
        }

        var layout = ArrayLayout.TryCreate(ElementTypes.Of<T>(), bigEndian: false, MemoryOrder.RowMajor, dimensions);
        if (layout?.ElementCount != values.Length)
        {
            throw new ArgumentException(
                $"the shape ({string.Join(", ", dimensions)}) does not have as many elements as the {values.Length} values",
                nameof(values));
        }

        Shape = Array.AsReadOnly(dimensions);
        this.values = values.ToArray();
    }

    private NumericArray(int[] shape, T[] values)
    {
        Shape = Array.AsReadOnly(shape);
        this.values = values;
    }

    /// <summary>The dimensions, first index first; empty for a scalar.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>The values in C order: the last index runs fastest.</summary>
    public ReadOnlySpan<T> AsSpan() => values;

    /// <summary>
    /// The array as a matrix "out x rest": the first dimension times the product of the others in C order. A matrix keeps its
    /// (i, j), a vector becomes one column, a scalar 1 x 1. The matrix is the caller's own.
    /// </summary>
    /// <exception cref="InvalidOperationException">An empty array whose other dimensions multiply beyond an int.</exception>
    public Matrix<T> ToMatrix()
    {
        var rows = Shape.Count == 0 ? 1 : Shape[0];
        var wide = ArrayLayout.ColumnsOf(Shape);
        if (wide > int.MaxValue)
        {
            throw new InvalidOperationException($"a matrix of {wide} columns is beyond the {int.MaxValue} that a matrix can have");
        }

        var columns = (int)wide;
        var storage = GC.AllocateUninitializedArray<T>(values.Length);
        BlockedTranspose.Copy<T>(values, rows, columns, columns, storage, rows);
        return Matrix<T>.Build.Dense(rows, columns, storage);
    }

    /// <summary>Takes over arrays that nobody else holds and whose sizes agree.</summary>
    internal static NumericArray<T> Adopt(int[] shape, T[] values) => new(shape, values);
}
