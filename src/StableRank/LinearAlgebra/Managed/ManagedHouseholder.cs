using System.Numerics;
using System.Numerics.Tensors;

namespace StableRank.LinearAlgebra.Managed;

/// <summary>
/// Householder QR and its orthogonal factor in the blocked compact-WY form of Schreiber and Van Loan (1989): a block of
/// reflectors is I - V S V' with S upper triangular, so that nearly all work is matrix products. Storage as LAPACK's dgeqrf.
/// </summary>
internal static unsafe class ManagedHouseholder
{
    private const int BlockColumns = 32;

    public static void Factor<T>(int threads, int m, int n, T* a, int lda, T* tau)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var k = Math.Min(m, n);
        for (var j = 0; j < k; j += BlockColumns)
        {
            var width = Math.Min(BlockColumns, k - j);
            var panel = a + j + (nint)j * lda;
            FactorPanel(m - j, width, panel, lda, tau + j);
            var rest = n - j - width;
            if (rest > 0)
            {
                ApplyBlock(threads, true, true, m - j, rest, width, panel, lda, tau + j, panel + (nint)width * lda, lda);
            }
        }
    }

    public static void FormQ<T>(int threads, int m, int n, int k, T* a, int lda, T* tau)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var result = new Rented<T>(checked(m * n));
        result.Span.Clear();
        fixed (T* q = result.Array)
        {
            for (var j = 0; j < n; j++)
            {
                q[j + (nint)j * m] = T.One;
            }

            // last block first: columns before a block are still those of the identity there, and stay untouched
            for (var j = (k - 1) / BlockColumns * BlockColumns; k > 0 && j >= 0; j -= BlockColumns)
            {
                var width = Math.Min(BlockColumns, k - j);
                ApplyBlock(threads, true, false, m - j, n - j, width, a + j + (nint)j * lda, lda, tau + j, q + j + (nint)j * m, m);
            }

            for (var j = 0; j < n; j++)
            {
                new ReadOnlySpan<T>(q + (nint)j * m, m).CopyTo(new Span<T>(a + (nint)j * lda, m));
            }
        }
    }

    public static void ApplyQ<T>(
        int threads, bool left, bool trans, int m, int n, int k, T* reflectors, int lda, T* tau, T* c, int ldc)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var blocks = (k + BlockColumns - 1) / BlockColumns;
        var forward = left == trans;
        for (var i = 0; i < blocks; i++)
        {
            var j = (forward ? i : blocks - 1 - i) * BlockColumns;
            var width = Math.Min(BlockColumns, k - j);
            var block = reflectors + j + (nint)j * lda;
            if (left)
            {
                ApplyBlock(threads, true, trans, m - j, n, width, block, lda, tau + j, c + j, ldc);
            }
            else
            {
                ApplyBlock(threads, false, trans, m, n - j, width, block, lda, tau + j, c + (nint)j * ldc, ldc);
            }
        }
    }

    private static void FactorPanel<T>(int m, int n, T* a, int lda, T* tau)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < n; i++)
        {
            var column = a + i + (nint)i * lda;
            tau[i] = MakeReflector(m - i, column);
            if (T.IsZero(tau[i]))
            {
                continue;
            }

            var diagonal = column[0];
            column[0] = T.One;
            for (var j = i + 1; j < n; j++)
            {
                var other = a + i + (nint)j * lda;
                ManagedVectors.AddScaled(m - i, -tau[i] * ManagedVectors.Dot(m - i, column, other), column, other);
            }

            column[0] = diagonal;
        }
    }

    /// <summary>
    /// Overwrites x by (beta, v_2 ... v_n) with (I - tau v v') x = beta e_1, v_1 = 1, and returns tau; tau = 0 (H = I) where x is
    /// already a multiple of e_1, as LAPACK's dlarfg has it.
    /// </summary>
    internal static T MakeReflector<T>(int n, T* x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var rest = new Span<T>(x + 1, n - 1);
        var largest = n > 1 ? T.Abs(TensorPrimitives.MaxMagnitude<T>(rest)) : T.Zero;
        if (T.IsZero(largest))
        {
            return T.Zero;
        }

        // squares of numbers outside these bounds would overflow, or lose digits to underflow: such a column is scaled first
        largest = T.MaxMagnitude(largest, T.Abs(x[0]));
        var bound = T.CreateChecked(typeof(T) == typeof(double) ? 1e140 : 1e16);
        var scale = largest > bound || largest < T.One / bound ? largest : T.One;
        if (scale != T.One)
        {
            TensorPrimitives.Divide(new ReadOnlySpan<T>(x, n), scale, new Span<T>(x, n));
        }

        var alpha = x[0];
        var beta = -T.CopySign(T.Sqrt(alpha * alpha + TensorPrimitives.SumOfSquares<T>(rest)), alpha);
        TensorPrimitives.Divide(rest, alpha - beta, rest);
        x[0] = beta * scale;
        return (beta - alpha) / beta;
    }

    /// <summary>c becomes B c, B' c, c B or c B' for the block reflector B = I - V S V' of <paramref name="k"/> stored columns.</summary>
    private static void ApplyBlock<T>(
        int threads, bool left, bool trans, int m, int n, int k, T* reflectors, int lda, T* tau, T* c, int ldc)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (m == 0 || n == 0)
        {
            return;
        }

        int rows = left ? m : n, others = left ? n : m;
        using var explicitV = new Rented<T>(checked(rows * k));
        using var triangle = new Rented<T>(k * k);
        using var product = new Rented<T>(checked(others * k));
        using var scaled = new Rented<T>(checked(others * k));
        fixed (T* v = explicitV.Array, s = triangle.Array, w = product.Array, z = scaled.Array)
        {
            CopyUnitLower(rows, k, reflectors, lda, v);
            FormTriangle(threads, rows, k, v, tau, s);
            if (left)
            {
                ManagedGemm.Run(threads, true, false, k, n, m, T.One, v, m, c, ldc, T.Zero, w, k);
                ManagedGemm.Run(threads, trans, false, k, n, k, T.One, s, k, w, k, T.Zero, z, k);
                ManagedGemm.Run(threads, false, false, m, n, k, -T.One, v, m, z, k, T.One, c, ldc);
            }
            else
            {
                ManagedGemm.Run(threads, false, false, m, k, n, T.One, c, ldc, v, n, T.Zero, w, m);
                ManagedGemm.Run(threads, false, trans, m, k, k, T.One, w, m, s, k, T.Zero, z, m);
                ManagedGemm.Run(threads, false, true, m, n, k, -T.One, z, m, v, n, T.One, c, ldc);
            }
        }
    }

    private static void CopyUnitLower<T>(int rows, int k, T* reflectors, int lda, T* v)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var j = 0; j < k; j++)
        {
            var column = v + (nint)j * rows;
            new Span<T>(column, j).Clear();
            column[j] = T.One;
            new ReadOnlySpan<T>(reflectors + j + 1 + (nint)j * lda, rows - j - 1).CopyTo(new Span<T>(column + j + 1, rows - j - 1));
        }
    }

    /// <summary>S of I - V S V': s_jj = tau_j, and above it -tau_j S (V' v_j).</summary>
    private static void FormTriangle<T>(int threads, int rows, int k, T* v, T* tau, T* s)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // V'V first; column j of it above the diagonal is then replaced by column j of S, left to right
        ManagedGemm.Run(threads, true, false, k, k, rows, T.One, v, rows, v, rows, T.Zero, s, k);
        for (var j = 0; j < k; j++)
        {
            var column = s + (nint)j * k;
            for (var i = 0; i < j; i++)
            {
                var sum = T.Zero;
                for (var l = i; l < j; l++)
                {
                    sum += s[i + (nint)l * k] * column[l];
                }

                column[i] = -tau[j] * sum;
            }

            column[j] = tau[j];
            new Span<T>(column + j + 1, k - j - 1).Clear();
        }
    }
}
