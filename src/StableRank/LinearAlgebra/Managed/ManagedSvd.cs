using System.Numerics;
using System.Numerics.Tensors;
using MathNet.Numerics;
using MathNet.Numerics.Providers.LinearAlgebra;

namespace StableRank.LinearAlgebra.Managed;

/// <summary>
/// Singular values and vectors without a native library, always in double: a Householder QR down to a square matrix, then
/// <see cref="ManagedBidiagonal"/> for values alone (of large matrices <see cref="TwoStageSingularValues"/> before it), MathNet's managed
/// decomposition for vectors too (its single-precision iteration stops at seven digits).
/// </summary>
internal static unsafe class ManagedSvd
{
    /// <summary>The order from which values alone take less time in two stages.</summary>
    private const int TwoStagesFrom = 256;

    private static readonly ManagedLinearAlgebraProvider Provider = new();

    /// <summary>Singular values, non-increasing; a is destroyed. 1 where the iteration did not converge. Forms no vectors.</summary>
    public static int Values<T>(int threads, int m, int n, T* a, int lda, T* values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int k = Math.Min(m, n), longer = Math.Max(m, n);
        using Rented<double> tall = new(checked(longer * k)), scales = new(k), diagonal = new(k), superdiagonal = new(k);
        CopyToTall(m, n, a, lda, tall.Span);
        var scale = ScaleToSafeRange(tall.Span);
        fixed (double* x = tall.Array, t = scales.Array, d = diagonal.Array, e = superdiagonal.Array)
        {
            if (k >= TwoStagesFrom)
            {
                var info = TwoStageSingularValues.Compute(new ManagedKernels<double>(threads), longer, k, x, longer, d);
                Store(diagonal.Span, scale, values);
                return info;
            }

            if (longer > k)
            {
                ManagedHouseholder.Factor(new ManagedKernels<double>(threads), longer, k, x, longer, t);
                for (var j = 0; j < k; j++)
                {
                    tall.Span.Slice(j * longer, j + 1).CopyTo(tall.Span[(j * k)..]);
                    tall.Span.Slice(j * k + j + 1, k - j - 1).Clear();
                }
            }

            ManagedBidiagonal.Reduce(threads, k, x, d, e);
        }

        if (!ManagedBidiagonal.TryDiagonalise(diagonal.Span, superdiagonal.Span[..(k - 1)]))
        {
            return 1;
        }

        Store(diagonal.Span, scale, values);
        return 0;
    }

    /// <summary>As <see cref="Kernels{T}.BidiagonalSingularValues"/>.</summary>
    public static int BidiagonalValues<T>(int n, T* d, T* e)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Rented<double> diagonal = new(n), superdiagonal = new(n - 1);
        for (var i = 0; i < n; i++)
        {
            diagonal.Array[i] = double.CreateTruncating(d[i]);
            if (i < n - 1)
            {
                superdiagonal.Array[i] = double.CreateTruncating(e[i]);
            }
        }

        if (!ManagedBidiagonal.TryDiagonalise(diagonal.Span, superdiagonal.Span))
        {
            return 1;
        }

        for (var i = 0; i < n; i++)
        {
            d[i] = T.CreateTruncating(diagonal.Array[i]);
        }

        return 0;
    }

    /// <summary>Singular values and vectors, thin or full, as <see cref="Kernels{T}.Svd"/>; a is destroyed.</summary>
    public static int Decompose<T>(int threads, bool full, int m, int n, T* a, int lda, T* values, T* u, T* vt)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int k = Math.Min(m, n), longer = Math.Max(m, n), wantedLeft = full ? longer : k;
        var tall = new double[checked(longer * k)];
        CopyToTall(m, n, a, lda, tall);
        var scale = ScaleToSafeRange(tall);
        var square = UpperTriangle(threads, tall, longer, k, out var tau);
        double[] found = new double[k], small = new double[k * k], right = new double[k * k];
        if (!TryDecompose(square, k, found, small, right))
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
            CompactWy.ApplyAll(new ManagedKernels<double>(threads), true, false, longer, wantedLeft, k, q, longer, t, c, longer);
        }

        TensorPrimitives.Multiply(found, scale, found);
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
    private static void CopyToTall<T>(int m, int n, T* a, int lda, Span<double> tall)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var j = 0; j < n; j++)
        {
            for (var i = 0; i < m; i++)
            {
                tall[m >= n ? i + j * m : j + i * n] = double.CreateTruncating(a[i + (nint)j * lda]);
            }
        }
    }

    /// <summary>
    /// Divides by the largest magnitude where squares would leave the range of double; returns what to multiply the values by.
    /// </summary>
    private static double ScaleToSafeRange(Span<double> a)
    {
        var largest = Math.Abs(TensorPrimitives.MaxMagnitude<double>(a));
        if (largest == 0 || largest is > 1e-130 and < 1e130)
        {
            return 1;
        }

        TensorPrimitives.Divide(a, largest, a);
        return largest;
    }

    /// <summary>Factors in place and returns a copy of R.</summary>
    private static double[] UpperTriangle(int threads, double[] tall, int m, int n, out double[] tau)
    {
        tau = new double[n];
        fixed (double* a = tall, t = tau)
        {
            ManagedHouseholder.Factor(new ManagedKernels<double>(threads), m, n, a, m, t);
        }

        var r = new double[n * n];
        for (var j = 0; j < n; j++)
        {
            Array.Copy(tall, j * m, r, j * n, j + 1);
        }

        return r;
    }

    private static bool TryDecompose(double[] a, int n, double[] values, double[] u, double[] vt)
    {
        try
        {
            Provider.SingularValueDecomposition(true, a, n, n, values, u, vt);
            return true;
        }
        catch (NonConvergenceException)
        {
            return false;
        }
    }

    private static void Store<T>(ReadOnlySpan<double> from, double scale, T* to)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < from.Length; i++)
        {
            to[i] = T.CreateTruncating(from[i] * scale);
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
