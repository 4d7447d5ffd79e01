using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.LinearAlgebra;

/// <summary>Checks of matrices at public boundaries.</summary>
public static class MatrixGuard
{
    /// <summary>Throws where the matrix has an element that is NaN or infinite.</summary>
    /// <param name="a">The matrix.</param>
    /// <param name="name">What the caller knows it as.</param>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">An element is not finite; the message names the first in column-major order (0-based) and its
    /// value.</exception>
    public static void RequireFinite<T>(Matrix<T> a, string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(a, name);
        RequireFinite<T>(a.AsColumnMajorArray() ?? a.ToColumnMajorArray(), a.RowCount, a.RowCount, name);
    }

    /// <summary>Throws where the matrix is not square.</summary>
    /// <param name="a">The matrix.</param>
    /// <param name="name">What the caller knows it as.</param>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">Rows and columns differ; the message names both.</exception>
    public static void RequireSquare<T>(Matrix<T> a, string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(a, name);
        if (a.RowCount != a.ColumnCount)
        {
            throw new ArgumentException($"The matrix {name} is {a.RowCount} x {a.ColumnCount}; expected a square one.", name);
        }
    }

    /// <summary>The same as RequireFinite for column-major elements with a leading dimension.</summary>
    internal static void RequireFinite<T>(ReadOnlySpan<T> elements, int rows, int ld, string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (rows == ld && Finiteness.All(elements))
        {
            return;
        }

        for (var start = 0; start < elements.Length; start += ld)
        {
            var column = elements.Slice(start, Math.Min(rows, elements.Length - start));

            if (Finiteness.All(column))
            {
                continue;
            }

            for (var i = 0; i < column.Length; i++)
            {
                if (!T.IsFinite(column[i]))
                {
                    throw new ArgumentException(
                        $"The matrix {name} has the element {column[i]} in row {i}, column {start / ld} (0-based); expected finite.",
                        name);
                }
            }
        }
    }
}
