using System.Numerics;
using System.Runtime.CompilerServices;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.LinearAlgebra;

/// <summary>The column-major elements of MathNet matrices.</summary>
internal static class MatrixStorage
{
    /// <summary>Copies a matrix of any storage into a packed column-major span.</summary>
    public static void CopyTo<T>(Matrix<T> a, Span<T> target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        (a.AsColumnMajorArray() ?? a.ToColumnMajorArray()).CopyTo(target);

    /// <summary>The same with a leading dimension of the target's own.</summary>
    public static void CopyTo<T>(Matrix<T> a, Span<T> target, int ld)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ReadOnlySpan<T> source = a.AsColumnMajorArray() ?? a.ToColumnMajorArray();
        for (var column = 0; column < a.ColumnCount; column++)
        {
            source.Slice(column * a.RowCount, a.RowCount).CopyTo(target[(column * ld)..]);
        }
    }

    /// <summary>Copies the transpose of a matrix of any storage into a packed column-major span, block by block.</summary>
    public static void TransposeTo<T>(Matrix<T> a, Span<T> target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => TransposeTo(a, target, a.ColumnCount);

    /// <summary>The same with a leading dimension of the target's own.</summary>
    public static void TransposeTo<T>(Matrix<T> a, Span<T> target, int ld)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Transpose(a.AsColumnMajorArray() ?? a.ToColumnMajorArray(), a.RowCount, a.ColumnCount, a.RowCount, target, ld);

    /// <summary>The same of a packed column-major matrix.</summary>
    public static void Transpose<T>(ReadOnlySpan<T> source, int rows, int columns, Span<T> target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Transpose(source, rows, columns, rows, target, columns);

    /// <summary>The same with leading dimensions.</summary>
    public static void Transpose<T>(ReadOnlySpan<T> source, int rows, int columns, int ldSource, Span<T> target, int ldTarget)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int block = 32;
        for (var firstRow = 0; firstRow < rows; firstRow += block)
        {
            for (var firstColumn = 0; firstColumn < columns; firstColumn += block)
            {
                for (var row = firstRow; row < Math.Min(firstRow + block, rows); row++)
                {
                    for (var column = firstColumn; column < Math.Min(firstColumn + block, columns); column++)
                    {
                        target[(row * ldTarget) + column] = source[(column * ldSource) + row];
                    }
                }
            }
        }
    }

    /// <summary>
    /// A leading dimension for so many rows, whole cache lines but not a multiple of eight of them: columns a power of two apart fall on
    /// the same few places of the cache, and products then take up to a fifth longer.
    /// </summary>
    public static int PaddedRows<T>(int rows)
        where T : unmanaged
    {
        var line = 64 / Unsafe.SizeOf<T>();
        return rows % (8 * line) == 0 ? rows + line : rows;
    }

    /// <summary>A dense matrix over the given elements, which it keeps.</summary>
    public static Matrix<T> Dense<T>(int rows, int columns, T[] elements)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Matrix<T>.Build.Dense(rows, columns, elements);
}
