using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.LinearAlgebra;

/// <summary>The column-major elements of MathNet matrices.</summary>
internal static class MatrixStorage
{
    /// <summary>Copies a matrix of any storage into a packed column-major span.</summary>
    public static void CopyTo<T>(Matrix<T> a, Span<T> target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        (a.AsColumnMajorArray() ?? a.ToColumnMajorArray()).CopyTo(target);

    /// <summary>Copies the transpose of a matrix of any storage into a packed column-major span, block by block.</summary>
    public static void TransposeTo<T>(Matrix<T> a, Span<T> target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Transpose(a.AsColumnMajorArray() ?? a.ToColumnMajorArray(), a.RowCount, a.ColumnCount, target);

    /// <summary>The same of a packed column-major matrix.</summary>
    public static void Transpose<T>(ReadOnlySpan<T> source, int rows, int columns, Span<T> target)
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
                        target[(row * columns) + column] = source[(column * rows) + row];
                    }
                }
            }
        }
    }

    /// <summary>A dense matrix over the given elements, which it keeps.</summary>
    public static Matrix<T> Dense<T>(int rows, int columns, T[] elements)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Matrix<T>.Build.Dense(rows, columns, elements);
}
