using System.Numerics;

namespace StableRank.LinearAlgebra;

/// <summary>
/// Matrix products on spans, by the backend in use. Matrices are column-major: element (i, j) of <c>a</c> is at index i + j lda.
/// T is double or float. Sizes are checked against the spans; the spans of results must not overlap those of operands.
/// </summary>
public static unsafe class Blas
{
    /// <summary>
    /// C = alpha op(A) op(B) + beta C, with op(A) m x k, op(B) k x n and C m x n. Beta = 0 overwrites C without reading it.
    /// </summary>
    /// <param name="transA">Whether op(A) is A (stored m x k) or its transpose (stored k x m).</param>
    /// <param name="transB">Whether op(B) is B (stored k x n) or its transpose (stored n x k).</param>
    /// <param name="m">Rows of C.</param>
    /// <param name="n">Columns of C.</param>
    /// <param name="k">The inner dimension; 0 leaves beta C.</param>
    /// <param name="alpha">Factor of the product.</param>
    /// <param name="a">A.</param>
    /// <param name="lda">Leading dimension of A: the distance between columns, at least its stored rows and 1.</param>
    /// <param name="b">B.</param>
    /// <param name="ldb">Leading dimension of B.</param>
    /// <param name="beta">Factor of the former C.</param>
    /// <param name="c">C; elements outside its m x n are not touched.</param>
    /// <param name="ldc">Leading dimension of C.</param>
    /// <exception cref="ArgumentException">A size is negative, a leading dimension too small or a span too short.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static void Gemm<T>(
        Transpose transA, Transpose transB, int m, int n, int k,
        T alpha, ReadOnlySpan<T> a, int lda, ReadOnlySpan<T> b, int ldb, T beta, Span<T> c, int ldc)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        SpanGuard.RequireSize(m);
        SpanGuard.RequireSize(n);
        SpanGuard.RequireSize(k);
        bool ta = transA == Transpose.Yes, tb = transB == Transpose.Yes;
        SpanGuard.RequireMatrix(a.Length, ta ? k : m, ta ? m : k, lda, nameof(a));
        SpanGuard.RequireMatrix(b.Length, tb ? n : k, tb ? k : n, ldb, nameof(b));
        SpanGuard.RequireMatrix(c.Length, m, n, ldc, nameof(c));
        var kernels = Kernels<T>.Current;
        if (m == 0 || n == 0)
        {
            return;
        }

        fixed (T* pa = a, pb = b, pc = c)
        {
            kernels.Gemm(ta, tb, m, n, k, alpha, pa, lda, pb, ldb, beta, pc, ldc);
        }
    }

    /// <summary>y = alpha op(A) x + beta y for a stored m x n matrix A. Beta = 0 overwrites y without reading it.</summary>
    /// <param name="transA">Whether op(A) is A (y has m elements) or its transpose (y has n).</param>
    /// <param name="m">Stored rows of A.</param>
    /// <param name="n">Stored columns of A.</param>
    /// <param name="alpha">Factor of the product.</param>
    /// <param name="a">A.</param>
    /// <param name="lda">Leading dimension of A.</param>
    /// <param name="x">x, contiguous.</param>
    /// <param name="beta">Factor of the former y.</param>
    /// <param name="y">y, contiguous.</param>
    /// <exception cref="ArgumentException">A size is negative, a leading dimension too small or a span too short.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static void Gemv<T>(
        Transpose transA, int m, int n, T alpha, ReadOnlySpan<T> a, int lda, ReadOnlySpan<T> x, T beta, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        SpanGuard.RequireSize(m);
        SpanGuard.RequireSize(n);
        var trans = transA == Transpose.Yes;
        SpanGuard.RequireMatrix(a.Length, m, n, lda, nameof(a));
        SpanGuard.RequireVector(x.Length, trans ? m : n, nameof(x));
        SpanGuard.RequireVector(y.Length, trans ? n : m, nameof(y));
        var kernels = Kernels<T>.Current;
        fixed (T* pa = a, px = x, py = y)
        {
            kernels.Gemv(trans, m, n, alpha, pa, lda, px, beta, py);
        }
    }

    /// <summary>
    /// C = alpha op(A) op(A)' + beta C, n x n, with op(A) n x k; only half of the multiplications of a product. C is taken to be symmetric:
    /// its lower triangle is read (unless beta = 0), and both triangles are written, equal to the last bit.
    /// </summary>
    /// <param name="transA">No: A is stored n x k and C = A A'. Yes: A is stored k x n and C = A'A.</param>
    /// <param name="n">Order of C.</param>
    /// <param name="k">The inner dimension.</param>
    /// <param name="alpha">Factor of the product.</param>
    /// <param name="a">A.</param>
    /// <param name="lda">Leading dimension of A.</param>
    /// <param name="beta">Factor of the former C.</param>
    /// <param name="c">C.</param>
    /// <param name="ldc">Leading dimension of C.</param>
    /// <exception cref="ArgumentException">A size is negative, a leading dimension too small or a span too short.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static void Syrk<T>(Transpose transA, int n, int k, T alpha, ReadOnlySpan<T> a, int lda, T beta, Span<T> c, int ldc)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        SpanGuard.RequireSize(n);
        SpanGuard.RequireSize(k);
        var trans = transA == Transpose.Yes;
        SpanGuard.RequireMatrix(a.Length, trans ? k : n, trans ? n : k, lda, nameof(a));
        SpanGuard.RequireMatrix(c.Length, n, n, ldc, nameof(c));
        var kernels = Kernels<T>.Current;
        if (n == 0)
        {
            return;
        }

        fixed (T* pa = a, pc = c)
        {
            kernels.SyrkLower(trans, n, k, alpha, pa, lda, beta, pc, ldc);
        }

        // tile by tile, so that neither triangle is walked across its columns
        const int tile = 32;
        for (var j0 = 0; j0 < n; j0 += tile)
        {
            for (var i0 = j0; i0 < n; i0 += tile)
            {
                for (var j = j0; j < Math.Min(n, j0 + tile); j++)
                {
                    for (var i = Math.Max(i0, j + 1); i < Math.Min(n, i0 + tile); i++)
                    {
                        c[j + i * ldc] = c[i + j * ldc];
                    }
                }
            }
        }
    }
}
