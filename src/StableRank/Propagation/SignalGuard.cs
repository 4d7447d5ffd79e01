using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Propagation;

/// <summary>Checks of the signals and tangent vectors whose norms are measured.</summary>
internal static class SignalGuard
{
    /// <summary>
    /// The entries of a matrix of inputs or tangents, column-major, once it is found to have the shape and no zero column.
    /// </summary>
    public static T[] Require<T>(Matrix<T>? matrix, string name, int rows, int columns)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(matrix, name);
        Precision.Require<T>();
        if (matrix.RowCount != rows || matrix.ColumnCount != columns)
        {
            throw new ArgumentException(
                $"The {name} are {matrix.RowCount} x {matrix.ColumnCount}; expected {rows} x {columns} (the model's features x inputs).",
                name);
        }

        MatrixGuard.RequireFinite(matrix, name);
        var values = matrix.ToColumnMajorArray();
        for (var j = 0; j < columns; j++)
        {
            if (double.IsNegativeInfinity(ColumnNorms.LogSquared<T>(values.AsSpan(j * rows, rows))))
            {
                throw new ArgumentException($"Column {j} of the {name} is zero; norms relative to it are not defined.", name);
            }
        }

        return values;
    }
}
