using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>Writes the elements of a matrix or array, whatever file kind they go into.</summary>
internal static class ArrayWriter
{
    /// <summary>Writes a matrix in the order asked for, strip by strip where that is not the order in memory.</summary>
    public static void Write<T>(Stream stream, Matrix<T> matrix, MemoryOrder order, ElementType type)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (rows, columns) = (matrix.RowCount, matrix.ColumnCount);
        var storage = matrix.AsColumnMajorArray() ?? matrix.ToColumnMajorArray();
        if (order == MemoryOrder.ColumnMajor || rows == 1 || columns == 1 || storage.Length == 0)
        {
            // A single row or column is the same in both orders.
            ElementEncoder.Write<T>(stream, type, storage);
            return;
        }

        var stripRows = ArrayReader.StripRows<T>(rows, columns);
        var strip = GC.AllocateUninitializedArray<T>(stripRows * columns);
        for (var row = 0; row < rows; row += stripRows)
        {
            var count = Math.Min(stripRows, rows - row);
            BlockedTranspose.Copy(storage.AsSpan(row), columns, count, rows, strip, columns);
            ElementEncoder.Write<T>(stream, type, strip.AsSpan(0, count * columns));
        }
    }
}
