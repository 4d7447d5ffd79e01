using System.Numerics;
using System.Numerics.Tensors;

namespace StableRank.Training;

/// <summary>Passes over a packed column-major matrix, a column at a time.</summary>
internal static class RankOneUpdate
{
    /// <summary>W += factor u v', in one pass.</summary>
    internal static void Add<T>(Span<T> w, int m, int n, T factor, ReadOnlySpan<T> u, ReadOnlySpan<T> v)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        u = u[..m];
        for (int j = 0; j < n; j++)
        {
            var column = w.Slice(j * m, m);
            TensorPrimitives.MultiplyAdd(u, factor * v[j], column, column);
        }
    }

    /// <summary>
    /// The sum of squares: columns in T, eight terms or more side by side, and their sums in double; each square may lose m/8 eps of
    /// itself, in the mean the root of that.
    /// </summary>
    internal static double SumOfSquares<T>(ReadOnlySpan<T> w, int m, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double sum = 0;
        for (int j = 0; j < n; j++)
        {
            sum += double.CreateTruncating(TensorPrimitives.SumOfSquares(w.Slice(j * m, m)));
        }

        return sum;
    }
}
