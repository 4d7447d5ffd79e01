using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Tests.LinearAlgebra;

/// <summary>Plain column-major matrices for tests, with loops that need no explanation.</summary>
internal static class Dense
{
    /// <summary>The unit roundoff that tolerances are multiples of: 2^-52 or 2^-23.</summary>
    public static double Eps<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        double.CreateChecked(T.BitIncrement(T.One) - T.One);

    /// <summary>Entries uniform in (-1, 1), packed.</summary>
    public static T[] Random<T>(int rows, int columns, int seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var random = new Random(seed);
        var a = new T[rows * columns];
        for (var i = 0; i < a.Length; i++)
        {
            a[i] = T.CreateChecked(2 * random.NextDouble() - 1);
        }

        return a;
    }

    /// <summary>A A' / n + I: symmetric positive definite.</summary>
    public static T[] PositiveDefinite<T>(int n, int seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var a = Random<T>(n, n, seed);
        var product = Multiply(false, true, n, n, n, a, n, a, n);
        for (var j = 0; j < n; j++)
        {
            for (var i = 0; i <= j; i++)
            {
                product[i + j * n] = product[j + i * n] = product[i + j * n] / n + (i == j ? 1 : 0);
            }
        }

        return [.. product.Select(T.CreateChecked)];
    }

    /// <summary>U diag(values) V' with orthonormal columns in U and V, min(m, n) of them.</summary>
    public static double[] OfSingularValues(int m, int n, double[] values, int seed)
    {
        var k = Math.Min(m, n);
        double[] u = Orthonormal(m, k, 2 * seed), v = Orthonormal(n, k, 2 * seed + 1);
        for (var j = 0; j < k; j++)
        {
            for (var i = 0; i < m; i++)
            {
                u[i + j * m] *= values[j];
            }
        }

        return Multiply<double>(false, true, m, n, k, u, m, v, n);
    }

    private static double[] Orthonormal(int rows, int columns, int seed)
    {
        double[] q = Random<double>(rows, columns, seed), tau = new double[columns];
        Householder.Factor<double>(rows, columns, q, rows, tau);
        Householder.FormQ<double>(rows, columns, columns, q, rows, tau);
        return q;
    }

    /// <summary>op(a) op(b), m x n with inner dimension k, by three loops in double.</summary>
    public static double[] Multiply<T>(
        bool transA, bool transB, int m, int n, int k, ReadOnlySpan<T> a, int lda, ReadOnlySpan<T> b, int ldb)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var c = new double[m * n];
        for (var j = 0; j < n; j++)
        {
            for (var i = 0; i < m; i++)
            {
                for (var l = 0; l < k; l++)
                {
                    var x = transA ? a[l + i * lda] : a[i + l * lda];
                    var y = transB ? b[j + l * ldb] : b[l + j * ldb];
                    c[i + j * m] += double.CreateChecked(x) * double.CreateChecked(y);
                }
            }
        }

        return c;
    }

    /// <summary>max |x - y| over all elements; fails on NaN.</summary>
    public static double Distance<TX, TY>(ReadOnlySpan<TX> x, ReadOnlySpan<TY> y)
        where TX : unmanaged, IBinaryFloatingPointIeee754<TX>
        where TY : unmanaged, IBinaryFloatingPointIeee754<TY>
    {
        x.Length.Should().Be(y.Length);
        var largest = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            // Math.Max keeps a NaN, which then exceeds every tolerance
            largest = Math.Max(largest, Math.Abs(double.CreateChecked(x[i]) - double.CreateChecked(y[i])));
        }

        return largest;
    }

    /// <summary>max |Q'Q - I| of a packed m x n matrix.</summary>
    public static double Unorthogonality<T>(int m, int n, T[] q)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Distance<double, double>(Multiply<T>(true, false, n, n, m, q, m, q, m), Identity<double>(n));

    public static T[] Identity<T>(int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var identity = new T[n * n];
        for (var i = 0; i < n; i++)
        {
            identity[i + i * n] = T.One;
        }

        return identity;
    }

    public static Matrix<T> ToMatrix<T>(int rows, int columns, T[] elements)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Matrix<T>.Build.Dense(rows, columns, elements);
}
