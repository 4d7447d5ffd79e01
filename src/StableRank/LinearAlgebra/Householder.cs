using System.Numerics;

namespace StableRank.LinearAlgebra;

/// <summary>
/// QR factorisation and its orthogonal factor Q = H_1 H_2 ... H_k, H_i = I - tau_i v_i v_i', in the storage of LAPACK's dgeqrf:
/// v_i is in column i below the diagonal, with v_i(i) = 1 and zeros above it implied. Reflectors need not come from
/// <see cref="Factor"/>: any with tau_i = 2/(v_i' v_i), or tau_i = 0, will do. Column-major spans, T double or float.
/// </summary>
public static unsafe class Householder
{
    /// <summary>A = Q R: R in and above the diagonal, the reflectors below it, their scales in tau.</summary>
    /// <param name="m">Rows of A.</param>
    /// <param name="n">Columns of A.</param>
    /// <param name="a">A, overwritten.</param>
    /// <param name="lda">Leading dimension of A, at least m and 1.</param>
    /// <param name="tau">min(m, n) scales.</param>
    /// <exception cref="ArgumentException">A size is negative, a leading dimension too small or a span too short.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static void Factor<T>(int m, int n, Span<T> a, int lda, Span<T> tau)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        SpanGuard.RequireSize(m);
        SpanGuard.RequireSize(n);
        SpanGuard.RequireMatrix(a.Length, m, n, lda, nameof(a));
        SpanGuard.RequireVector(tau.Length, Math.Min(m, n), nameof(tau));
        var kernels = Kernels<T>.Current;
        if (m == 0 || n == 0)
        {
            return;
        }

        fixed (T* pa = a, pt = tau)
        {
            kernels.Geqrf(m, n, pa, lda, pt);
        }
    }

    /// <summary>Overwrites the reflectors in the first k columns of a by the first n columns of Q, which is m x m.</summary>
    /// <param name="m">Rows.</param>
    /// <param name="n">Columns to form, at most m.</param>
    /// <param name="k">Reflectors, at most n.</param>
    /// <param name="a">m x n: the first k columns hold the reflectors; what else it holds is not read.</param>
    /// <param name="lda">Leading dimension of a, at least m and 1.</param>
    /// <param name="tau">The k scales.</param>
    /// <exception cref="ArgumentException">A size is out of range, a leading dimension too small or a span too short.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static void FormQ<T>(int m, int n, int k, Span<T> a, int lda, ReadOnlySpan<T> tau)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        SpanGuard.RequireSize(m);
        SpanGuard.RequireSize(n);
        SpanGuard.RequireSize(k);
        if (n > m || k > n)
        {
            throw new ArgumentException($"The sizes are m = {m}, n = {n}, k = {k}; expected m >= n >= k.");
        }

        SpanGuard.RequireMatrix(a.Length, m, n, lda, nameof(a));
        SpanGuard.RequireVector(tau.Length, k, nameof(tau));
        fixed (T* pa = a, pt = tau)
        {
            ReflectorProduct<T>.FormLeft(Kernels<T>.Current, m, n, k, pa, lda, pt, null);
        }
    }

    /// <summary>
    /// Overwrites the reflectors in a, m x n and packed, by the first n columns of Q times a diagonal, which takes no more work than
    /// <see cref="FormQ"/>.
    /// </summary>
    /// <param name="m">Rows, at least n.</param>
    /// <param name="n">Columns, reflectors, scales and elements of the diagonal.</param>
    /// <param name="a">m x n, packed.</param>
    /// <param name="tau">The scales.</param>
    /// <param name="diagonal">The factor of each column.</param>
    internal static void FormScaledQ<T>(int m, int n, Span<T> a, ReadOnlySpan<T> tau, ReadOnlySpan<T> diagonal)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        fixed (T* pa = a, pt = tau, pd = diagonal)
        {
            ReflectorProduct<T>.FormLeft(Kernels<T>.Current, m, n, n, pa, m, pt, pd);
        }
    }

    /// <summary>
    /// Overwrites the k reflectors of an orthogonal Q of order m, in the first k columns of w (m x n, packed), by Q diag(d, 0 ... 0) P', P
    /// being of order n and given by k reflectors (n x k, packed): 8/3 n^3 operations where all sizes are n.
    /// </summary>
    internal static void FormProduct<T>(
        int m, int n, int k, Span<T> w, ReadOnlySpan<T> tau, ReadOnlySpan<T> diagonal, ReadOnlySpan<T> right, ReadOnlySpan<T> tauRight)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        fixed (T* pw = w, pt = tau, pd = diagonal, pr = right, ps = tauRight)
        {
            ReflectorProduct<T>.FormBoth(Kernels<T>.Current, m, n, k, pw, m, pt, pd, pr, n, ps);
        }
    }

    /// <summary>C becomes Q C, Q'C, C Q or C Q'. Q is of order m from the left, n from the right.</summary>
    /// <param name="side">The side on which Q stands.</param>
    /// <param name="trans">Q or its transpose.</param>
    /// <param name="m">Rows of C.</param>
    /// <param name="n">Columns of C.</param>
    /// <param name="k">Reflectors, at most the order of Q.</param>
    /// <param name="reflectors">The reflectors, (order of Q) x k.</param>
    /// <param name="lda">Leading dimension of the reflectors.</param>
    /// <param name="tau">The k scales.</param>
    /// <param name="c">C, m x n, overwritten.</param>
    /// <param name="ldc">Leading dimension of C.</param>
    /// <exception cref="ArgumentException">A size is out of range, a leading dimension too small or a span too short.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static void ApplyQ<T>(
        Side side, Transpose trans, int m, int n, int k, ReadOnlySpan<T> reflectors, int lda, ReadOnlySpan<T> tau, Span<T> c, int ldc)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        SpanGuard.RequireSize(m);
        SpanGuard.RequireSize(n);
        SpanGuard.RequireSize(k);
        var left = side == Side.Left;
        var order = left ? m : n;
        if (k > order)
        {
            throw new ArgumentException($"The number of reflectors is k = {k}; expected at most {order}, the order of Q.", nameof(k));
        }

        SpanGuard.RequireMatrix(reflectors.Length, order, k, lda, nameof(reflectors));
        SpanGuard.RequireVector(tau.Length, k, nameof(tau));
        SpanGuard.RequireMatrix(c.Length, m, n, ldc, nameof(c));
        var kernels = Kernels<T>.Current;
        if (m == 0 || n == 0 || k == 0)
        {
            return;
        }

        fixed (T* pr = reflectors, pt = tau, pc = c)
        {
            CompactWy.ApplyAll(kernels, left, trans == Transpose.Yes, m, n, k, pr, lda, pt, pc, ldc);
        }
    }
}
