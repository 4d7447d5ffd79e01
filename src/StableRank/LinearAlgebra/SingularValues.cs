using System.Numerics;
using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.LinearAlgebra;

/// <summary>
/// Singular values of a general matrix by the backend in use, without forming singular vectors where they are not asked for: values alone
/// by LAPACK's gesdd, or from some hundreds of rows and columns on by a reduction in two stages that is several times as fast; with vectors
/// by gesdd. T is double or float. Values come in non-increasing order, and each is off by a small multiple of eps s_1 at most: values
/// far below that are noise.
/// </summary>
public static unsafe partial class SingularValues
{
    /// <summary>The min(m, n) singular values of an m x n matrix, non-increasing.</summary>
    /// <param name="a">The matrix; not changed.</param>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">An element is not finite.</exception>
    /// <exception cref="NonConvergenceException">The iteration did not converge.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static T[] Of<T>(Matrix<T> a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(a);
        return Of(a, nameof(a));
    }

    private static T[] Of<T>(Matrix<T> a, string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        MatrixGuard.RequireFinite(a, name);
        var values = new T[Math.Min(a.RowCount, a.ColumnCount)];

        // The tall one of a matrix and its transpose: gesdd takes three times as long for 1024 x 4096 as for 4096 x 1024.
        int m = Math.Max(a.RowCount, a.ColumnCount), n = values.Length, lda = MatrixStorage.PaddedRows<T>(m);
        using var copy = new Rented<T>(checked(lda * n));
        if (a.RowCount >= a.ColumnCount)
        {
            MatrixStorage.CopyTo(a, copy.Span, lda);
        }
        else
        {
            MatrixStorage.TransposeTo(a, copy.Span, lda);
        }

        ComputeChecked(m, n, copy.Span, lda, values);
        return values;
    }

    /// <summary>The same for a column-major span, which is destroyed.</summary>
    /// <param name="m">Rows.</param>
    /// <param name="n">Columns.</param>
    /// <param name="a">The matrix; arbitrary afterwards.</param>
    /// <param name="lda">Leading dimension, at least m and 1.</param>
    /// <param name="values">Receives min(m, n) values, non-increasing.</param>
    /// <exception cref="ArgumentException">A size is negative, a leading dimension too small, a span too short or an element not
    /// finite.</exception>
    /// <exception cref="NonConvergenceException">The iteration did not converge.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static void Compute<T>(int m, int n, Span<T> a, int lda, Span<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        SpanGuard.RequireSize(m);
        SpanGuard.RequireSize(n);
        SpanGuard.RequireMatrix(a.Length, m, n, lda, nameof(a));
        SpanGuard.RequireVector(values.Length, Math.Min(m, n), nameof(values));
        if (m > 0 && n > 0)
        {
            MatrixGuard.RequireFinite<T>(a[..(lda * (n - 1) + m)], m, lda, nameof(a));
        }

        ComputeChecked(m, n, a, lda, values);
    }

    private static void ComputeChecked<T>(int m, int n, Span<T> a, int lda, Span<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var kernels = Kernels<T>.Current;
        if (m == 0 || n == 0)
        {
            return;
        }

        fixed (T* pa = a, pv = values)
        {
            RequireConvergence(kernels.SingularValues(m, n, pa, lda, pv), m, n);
        }
    }

    /// <summary>
    /// The thin decomposition A = U diag(values) Vt with k = min(m, n): U is m x k, Vt is k x n, values are non-increasing.
    /// </summary>
    /// <param name="a">The matrix; not changed.</param>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">An element is not finite.</exception>
    /// <exception cref="NonConvergenceException">The iteration did not converge.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static (T[] Values, Matrix<T> U, Matrix<T> Vt) Thin<T>(Matrix<T> a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        MatrixGuard.RequireFinite(a, nameof(a));
        int m = a.RowCount, n = a.ColumnCount, k = Math.Min(m, n);
        T[] values = new T[k], u = new T[checked(m * k)], vt = new T[checked(k * n)];
        var kernels = Kernels<T>.Current;
        using var copy = new Rented<T>(checked(m * n));
        MatrixStorage.CopyTo(a, copy.Span);
        fixed (T* pa = copy.Array, pv = values, pu = u, pvt = vt)
        {
            RequireConvergence(kernels.Svd(false, m, n, pa, m, pv, pu, pvt), m, n);
        }

        return (values, MatrixStorage.Dense(m, k, u), MatrixStorage.Dense(k, n, vt));
    }

    internal static void RequireConvergence(int info, int m, int n)
    {
        if (info != 0)
        {
            throw new NonConvergenceException($"The singular value decomposition of a {m} x {n} matrix did not converge (info {info}).");
        }
    }
}
