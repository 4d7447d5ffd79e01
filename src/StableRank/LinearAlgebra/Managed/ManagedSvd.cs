using System.Numerics;
using MathNet.Numerics;
using MathNet.Numerics.Providers.LinearAlgebra;

namespace StableRank.LinearAlgebra.Managed;

/// <summary>
/// Singular values and vectors without a native library: a Householder QR down to a square matrix, then MathNet's managed
/// decomposition of that, always in double (its single-precision iteration stops at seven digits).
/// </summary>
internal static unsafe class ManagedSvd
{
    private static readonly ManagedLinearAlgebraProvider Provider = new();

    /// <summary>Singular values, non-increasing; a is destroyed. 1 where the iteration did not converge.</summary>
    public static int Values<T>(int m, int n, T* a, int lda, T* values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var k = Math.Min(m, n);
        var tall = ToTall(m, n, a, lda);
        var square = UpperTriangle(tall, Math.Max(m, n), k, out _);
        var found = new double[k];
        if (!TryDecompose(false, square, k, k, found, new double[k * k], new double[k * k]))
        {
            return 1;
        }

        Store(found, values);
        return 0;
    }

    /// <summary>Singular values and vectors, thin or full, as <see cref="Kernels{T}.Svd"/>; a is destroyed.</summary>
    public static int Decompose<T>(bool full, int m, int n, T* a, int lda, T* values, T* u, T* vt)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int k = Math.Min(m, n), longer = Math.Max(m, n), wantedLeft = full ? longer : k;
        var tall = ToTall(m, n, a, lda);
        var square = UpperTriangle(tall, longer, k, out var tau);
        double[] found = new double[k], small = new double[k * k], right = new double[k * k];
        if (!TryDecompose(true, square, k, k, found, small, right))
        {
            return 1;
        }

        // left vectors of the tall matrix: Q times those of R, and for the full form the rest of Q
        var left = new double[checked(longer * wantedLeft)];
        for (var j = 0; j < wantedLeft; j++)
        {
            if (j < k)
            {
                Array.Copy(small, j * k, left, j * longer, k);
            }
            else
            {
                left[j * longer + j] = 1;
            }
        }

        fixed (double* q = tall, t = tau, c = left)
        {
            ManagedHouseholder.ApplyQ(1, true, false, longer, wantedLeft, k, q, longer, t, c, longer);
        }

        Store(found, values);
        if (m >= n)
        {
            Store(left, u);
            Store(right, vt);
        }
        else
        {
            StoreTransposed(right, k, k, u);
            StoreTransposed(left, longer, wantedLeft, vt);
        }

        return 0;
    }

    /// <summary>The matrix, or its transpose where it is wide, in double and packed.</summary>
    private static double[] ToTall<T>(int m, int n, T* a, int lda)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var tall = new double[checked(m * n)];
        for (var j = 0; j < n; j++)
        {
            for (var i = 0; i < m; i++)
            {
                tall[m >= n ? i + j * m : j + i * n] = double.CreateChecked(a[i + (nint)j * lda]);
            }
        }

        return tall;
    }

    /// <summary>Factors in place and returns a copy of R.</summary>
    private static double[] UpperTriangle(double[] tall, int m, int n, out double[] tau)
    {
        tau = new double[n];
        fixed (double* a = tall, t = tau)
        {
            ManagedHouseholder.Factor(1, m, n, a, m, t);
        }

        var r = new double[n * n];
        for (var j = 0; j < n; j++)
        {
            Array.Copy(tall, j * m, r, j * n, j + 1);
        }

        return r;
    }

    private static bool TryDecompose(bool vectors, double[] a, int m, int n, double[] values, double[] u, double[] vt)
    {
        try
        {
            Provider.SingularValueDecomposition(vectors, a, m, n, values, u, vt);
            return true;
        }
        catch (NonConvergenceException)
        {
            return false;
        }
    }

    private static void Store<T>(double[] from, T* to)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < from.Length; i++)
        {
            to[i] = T.CreateTruncating(from[i]);
        }
    }

    private static void StoreTransposed<T>(double[] from, int rows, int columns, T* to)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var j = 0; j < columns; j++)
        {
            for (var i = 0; i < rows; i++)
            {
                to[j + (nint)i * columns] = T.CreateTruncating(from[i + j * rows]);
            }
        }
    }
}
