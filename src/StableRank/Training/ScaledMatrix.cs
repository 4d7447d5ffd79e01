using System.Numerics;
using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Training;

/// <summary>A copy in double of a matrix over a power of two, its greatest entry in [1, 2): no square overflows or vanishes.</summary>
internal sealed class ScaledMatrix
{
    private ScaledMatrix(int rows, int columns, double[] elements, int exponent)
    {
        Rows = rows;
        Columns = columns;
        Elements = elements;
        Exponent = exponent;
    }

    internal int Rows { get; }

    internal int Columns { get; }

    /// <summary>Column-major, packed.</summary>
    internal double[] Elements { get; }

    /// <summary>The matrix is 2^Exponent times the elements.</summary>
    internal int Exponent { get; }

    internal static ScaledMatrix Of<T>(Matrix<T> matrix, string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        MatrixGuard.RequireFinite(matrix, name);
        Networks.Precision.Require<T>();
        var elements = new double[checked(matrix.RowCount * matrix.ColumnCount)];
        TensorPrimitives.ConvertChecked<T, double>(matrix.AsColumnMajorArray() ?? matrix.ToColumnMajorArray(), elements);
        double largest = Math.Abs(TensorPrimitives.MaxMagnitude<double>(elements));
        if (largest == 0)
        {
            throw new ArgumentException(
                $"The {matrix.RowCount} x {matrix.ColumnCount} matrix {name} is zero: it has no stable rank.", name);
        }

        int exponent = Math.ILogB(largest);
        for (int i = 0; i < elements.Length; i++)
        {
            elements[i] = Math.ScaleB(elements[i], -exponent);
        }

        return new ScaledMatrix(matrix.RowCount, matrix.ColumnCount, elements, exponent);
    }

    /// <summary>The elements times 2^Exponent, as a matrix of T.</summary>
    internal static Matrix<T> Restore<T>(int rows, int columns, ReadOnlySpan<double> elements, int exponent)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var result = new T[elements.Length];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = T.CreateChecked(Math.ScaleB(elements[i], exponent));
        }

        return MatrixStorage.Dense(rows, columns, result);
    }

}
