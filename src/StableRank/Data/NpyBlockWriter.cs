using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>
/// A matrix on its way into an .npy file block by block, for those too large for memory; <see cref="NpyArray.WriteBlocks{T}"/> makes it.
/// Rows are contiguous on disk. Not safe for concurrent use.
/// </summary>
/// <typeparam name="T">double or float.</typeparam>
public sealed class NpyBlockWriter<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly FileStream stream;
    private readonly long origin;
    private readonly ElementType type = ElementTypes.Of<T>();
    private T[] rowMajor = [];

    internal NpyBlockWriter(FileStream stream, int rows, int columns)
    {
        this.stream = stream;
        (Rows, Columns) = (rows, columns);
        stream.Write(NpyHeader.Build(type, MemoryOrder.RowMajor, [rows, columns]));
        origin = stream.Position;
    }

    /// <summary>Rows of the whole matrix.</summary>
    public int Rows { get; }

    /// <summary>Columns of the whole matrix.</summary>
    public int Columns { get; }

    /// <summary>The entries written so far.</summary>
    internal long Written { get; private set; }

    /// <summary>Writes a block to its place; blocks come in any order and must not overlap.</summary>
    /// <param name="firstRow">The 0-based row of the whole matrix that row 0 of the block is.</param>
    /// <param name="firstColumn">The 0-based column of the whole matrix that column 0 of the block is.</param>
    /// <param name="block">Any storage; a dense one is not copied but for its transpose.</param>
    /// <exception cref="ArgumentOutOfRangeException">The block reaches beyond the matrix.</exception>
    public void Write(int firstRow, int firstColumn, Matrix<T> block)
    {
        ArgumentNullException.ThrowIfNull(block);
        var (height, width) = (block.RowCount, block.ColumnCount);
        RequireWithin(firstRow, height, Rows, nameof(firstRow));
        RequireWithin(firstColumn, width, Columns, nameof(firstColumn));
        if (rowMajor.Length < height * width)
        {
            rowMajor = GC.AllocateUninitializedArray<T>(height * width);
        }

        BlockedTranspose.Copy(block.AsColumnMajorArray() ?? block.ToColumnMajorArray(), width, height, height, rowMajor, width);
        for (var row = 0; row < height; row++)
        {
            stream.Position = origin + ((((long)(firstRow + row) * Columns) + firstColumn) * ElementTypes.SizeOf(type));
            ElementEncoder.Write<T>(stream, type, rowMajor.AsSpan(row * width, width));
        }

        Written += (long)height * width;
    }

    private static void RequireWithin(int first, int count, int size, string name)
    {
        if (first < 0 || (long)first + count > size)
        {
            throw new ArgumentOutOfRangeException(
                name, first, $"The block takes the places {first} to {first + (long)count - 1}; expected places from 0 to {size - 1}.");
        }
    }
}
