using System.Numerics;
using System.Numerics.Tensors;

namespace StableRank.LinearAlgebra.Managed;

/// <summary>Householder QR by panels, each applied to the columns behind it in compact WY form. Storage as LAPACK's dgeqrf.</summary>
internal static unsafe class ManagedHouseholder
{
    private const int BlockColumns = 32;

    public static void Factor<T>(Kernels<T> kernels, int m, int n, T* a, int lda, T* tau)
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
                CompactWy.ApplyBlock(kernels, true, true, m - j, rest, width, panel, lda, tau + j, panel + (nint)width * lda, lda);
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
}
