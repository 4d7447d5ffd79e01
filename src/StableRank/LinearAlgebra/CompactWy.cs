using System.Numerics;
using StableRank.LinearAlgebra.Managed;

namespace StableRank.LinearAlgebra;

/// <summary>
/// The compact WY form of Schreiber and Van Loan (1989): a block of reflectors H_1 ... H_k = I - V T V' with T upper triangular, so that
/// nearly all work is matrix products. Reflectors in the storage of LAPACK's dgeqrf; a reflector whose tau is 0 is the identity.
/// </summary>
internal static unsafe class CompactWy
{
    /// <summary>Up to this width T grows column by column; beyond, from its two halves and two products.</summary>
    private const int ColumnwiseWidth = 32;

    /// <summary>
    /// Up to so many columns reflectors are applied to them one at a time: from order 512 on a quarter to three quarters of the time of
    /// blocks.
    /// </summary>
    private const int FewColumns = 4;

    /// <summary>c becomes Q c, Q'c, c Q or c Q' for k stored reflectors.</summary>
    public static void ApplyAll<T>(
        Kernels<T> kernels, bool left, bool trans, int m, int n, int k, T* reflectors, int lda, T* tau, T* c, int ldc)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (order, others) = left ? (m, n) : (n, m);
        if (others <= FewColumns)
        {
            ApplySingly(left, trans, order, others, k, reflectors, lda, tau, c, ldc);
            return;
        }

        var full = ApplyWidth(order, others);
        var blocks = (k + full - 1) / full;
        var forward = left == trans;
        for (var i = 0; i < blocks; i++)
        {
            var j = (forward ? i : blocks - 1 - i) * full;
            var width = Math.Min(full, k - j);
            var block = reflectors + j + (nint)j * lda;
            if (left)
            {
                ApplyBlock(kernels, true, trans, m - j, n, width, block, lda, tau + j, c + j, ldc);
            }
            else
            {
                ApplyBlock(kernels, false, trans, m, n - j, width, block, lda, tau + j, c + (nint)j * ldc, ldc);
            }
        }
    }

    /// <summary>
    /// Columns of a block: wider blocks make faster products, narrower ones take fewer operations to form T. Measured (MKL, AVX-512, one
    /// and two threads, either side, orders 128 to 2048): 16 is best up to 128 x 128, 256 x 128, 512 x 64 and 2048 x 16, 48 from 256 x 256
    /// and 2048 x 32 on to 512 x 512, 64 at 1024 x 1024, 128 at 2048 x 2048.
    /// </summary>
    private static int ApplyWidth(int order, int others) => ((long)order * others) switch
    {
        <= 1 << 15 => 16,
        <= 1 << 19 => 48,
        <= 1 << 21 => 64,
        _ => 128,
    };

    /// <summary>The same, one reflector after the other; from the right on the transpose.</summary>
    private static void ApplySingly<T>(bool left, bool trans, int order, int others, int k, T* reflectors, int lda, T* tau, T* c, int ldc)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (left)
        {
            ReflectColumns(trans, order, others, k, reflectors, lda, tau, c, ldc);
            return;
        }

        using var turned = new Rented<T>(checked(order * others));
        fixed (T* x = turned.Array)
        {
            for (var j = 0; j < order; j++)
            {
                for (var i = 0; i < others; i++)
                {
                    x[j + (nint)i * order] = c[i + (nint)j * ldc];
                }
            }

            ReflectColumns(!trans, order, others, k, reflectors, lda, tau, x, order);
            for (var j = 0; j < order; j++)
            {
                for (var i = 0; i < others; i++)
                {
                    c[i + (nint)j * ldc] = x[j + (nint)i * order];
                }
            }
        }
    }

    private static void ReflectColumns<T>(bool trans, int order, int columns, int k, T* reflectors, int lda, T* tau, T* c, int ldc)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < k; i++)
        {
            var j = trans ? i : k - 1 - i;
            var v = reflectors + j + 1 + (nint)j * lda;
            var rest = order - j - 1;
            for (var column = 0; column < columns; column++)
            {
                var x = c + j + (nint)column * ldc;
                var scale = -tau[j] * (*x + ManagedVectors.Dot(rest, v, x + 1));
                *x += scale;
                ManagedVectors.AddScaled(rest, scale, v, x + 1);
            }
        }
    }

    /// <summary>c becomes B c, B'c, c B or c B' for the one block B of k stored reflectors.</summary>
    public static void ApplyBlock<T>(
        Kernels<T> kernels, bool left, bool trans, int m, int n, int k, T* reflectors, int lda, T* tau, T* c, int ldc)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (m == 0 || n == 0)
        {
            return;
        }

        int rows = left ? m : n, others = left ? n : m;
        using var work = new Rented<T>(checked((rows + 2 * others + 2 * k) * k));
        fixed (T* v = work.Array)
        {
            var w = v + (nint)rows * k;
            var z = w + (nint)others * k;
            var t = z + (nint)others * k;
            CopyUnitLower(rows, k, reflectors, lda, v, rows);
            FormTriangle(kernels, rows, k, v, rows, tau, t, k, t + (nint)k * k);
            if (left)
            {
                kernels.Gemm(true, false, k, n, m, T.One, v, m, c, ldc, T.Zero, w, k);
                kernels.Gemm(trans, false, k, n, k, T.One, t, k, w, k, T.Zero, z, k);
                kernels.Gemm(false, false, m, n, k, -T.One, v, m, z, k, T.One, c, ldc);
            }
            else
            {
                kernels.Gemm(false, false, m, k, n, T.One, c, ldc, v, n, T.Zero, w, m);
                kernels.Gemm(false, trans, m, k, k, T.One, w, m, t, k, T.Zero, z, m);
                kernels.Gemm(false, true, m, n, k, -T.One, z, m, v, n, T.One, c, ldc);
            }
        }
    }

    /// <summary>V with its ones and zeros from the stored reflectors, rows x k.</summary>
    public static void CopyUnitLower<T>(int rows, int k, T* reflectors, int lda, T* v, int ldv)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var j = 0; j < k; j++)
        {
            var column = v + (nint)j * ldv;
            new Span<T>(column, j).Clear();
            column[j] = T.One;
            new ReadOnlySpan<T>(reflectors + j + 1 + (nint)j * lda, rows - j - 1).CopyTo(new Span<T>(column + j + 1, rows - j - 1));
        }
    }

    /// <summary>T of I - V T V', k x k, with zeros below the diagonal.</summary>
    /// <param name="kernels">What multiplies.</param>
    /// <param name="rows">Rows of V.</param>
    /// <param name="k">Columns of V.</param>
    /// <param name="v">V, its ones and zeros stored.</param>
    /// <param name="ldv">Leading dimension of V.</param>
    /// <param name="tau">The k scales.</param>
    /// <param name="t">T.</param>
    /// <param name="ldt">Leading dimension of T.</param>
    /// <param name="work">k x k elements.</param>
    public static void FormTriangle<T>(Kernels<T> kernels, int rows, int k, T* v, int ldv, T* tau, T* t, int ldt, T* work)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // V'V first; T replaces its upper triangle
        kernels.Gemm(true, false, k, k, rows, T.One, v, ldv, v, ldv, T.Zero, t, ldt);
        ReplaceProducts(kernels, k, tau, t, ldt, work);
    }

    private static void ReplaceProducts<T>(Kernels<T> kernels, int k, T* tau, T* t, int ldt, T* work)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (k <= ColumnwiseWidth)
        {
            ReplaceColumns(k, tau, t, ldt, work);
            return;
        }

        // of (I - V1 T1 V1')(I - V2 T2 V2') the corner is -T1 (V1'V2) T2
        var head = k / 2;
        var tail = k - head;
        var corner = t + (nint)head * ldt;
        ReplaceProducts(kernels, head, tau, t, ldt, work);
        ReplaceProducts(kernels, tail, tau + head, corner + head, ldt, work);
        kernels.Gemm(false, false, head, tail, head, T.One, t, ldt, corner, ldt, T.Zero, work, head);
        kernels.Gemm(false, false, head, tail, tail, -T.One, work, head, corner + head, ldt, T.Zero, corner, ldt);
        for (var j = 0; j < head; j++)
        {
            new Span<T>(t + head + (nint)j * ldt, tail).Clear();
        }
    }

    /// <summary>Column j above the diagonal is -tau_j T (V'v_j), T being the columns before.</summary>
    private static void ReplaceColumns<T>(int k, T* tau, T* t, int ldt, T* products)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var j = 0; j < k; j++)
        {
            var column = t + (nint)j * ldt;
            new ReadOnlySpan<T>(column, j).CopyTo(new Span<T>(products, j));
            new Span<T>(column, k).Clear();
            for (var l = 0; l < j; l++)
            {
                ManagedVectors.AddScaled(l + 1, -tau[j] * products[l], t + (nint)l * ldt, column);
            }

            column[j] = tau[j];
        }
    }
}
