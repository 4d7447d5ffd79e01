using System.Numerics;
using System.Numerics.Tensors;

namespace StableRank.LinearAlgebra;

/// <summary>
/// Singular values alone in two stages: the matrix becomes a band by products (<see cref="BandReduction"/>), the band bidiagonal within the
/// cache (<see cref="BandBidiagonalisation"/>), and the values of that come from the backend. LAPACK's reduction in one stage reads
/// the whole of what remains of the matrix from memory for every column: from some size on that takes several times as long. Orthogonal
/// transformations throughout: each value is off by a small multiple of eps s_1, as in one stage.
/// </summary>
internal static unsafe class TwoStageSingularValues
{
    /// <summary>
    /// The superdiagonals of the band, rounded up to what vectors need. More of them make quicker products and a longer second stage,
    /// whose operations grow in proportion.
    /// </summary>
    private const int BandWidth = 32;

    /// <summary>Values, non-increasing, of a m x n matrix, which is destroyed; non-zero where the iteration did not converge.</summary>
    public static int Compute<T>(Kernels<T> kernels, int m, int n, T* a, int lda, T* values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var exponent = ScaleToSafeRange(m, n, a, lda);
        int info;
        if (m >= n)
        {
            info = OfTall(kernels, m, n, a, lda, values);
        }
        else
        {
            var ld = MatrixStorage.PaddedRows<T>(n);
            using Rented<T> transposed = new(checked(ld * m));
            fixed (T* t = transposed.Array)
            {
                MatrixStorage.Transpose(new ReadOnlySpan<T>(a, checked((lda * (n - 1)) + m)), m, n, lda, transposed.Span, ld);
                info = OfTall(kernels, n, m, t, ld, values);
            }
        }

        for (var i = 0; exponent != 0 && i < Math.Min(m, n); i++)
        {
            values[i] = T.ScaleB(values[i], exponent);
        }

        return info;
    }

    private static int OfTall<T>(Kernels<T> kernels, int m, int n, T* a, int lda, T* values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // 2 m n^2 - 2/3 n^3 operations for R and 8/3 n^3 for its band, against 4 m n^2 - 4/3 n^3 for the band of the whole
        if (3L * m <= 5L * n)
        {
            return OfBand(kernels, m, n, a, lda, values);
        }

        var ld = MatrixStorage.PaddedRows<T>(n);
        using Rented<T> scales = new(n), square = new(checked(ld * n));
        fixed (T* tau = scales.Array, r = square.Array)
        {
            kernels.Geqrf(m, n, a, lda, tau);
            for (var j = 0; j < n; j++)
            {
                new ReadOnlySpan<T>(a + ((nint)j * lda), j + 1).CopyTo(new Span<T>(r + ((nint)j * ld), j + 1));
                new Span<T>(r + ((nint)j * ld) + j + 1, n - j - 1).Clear();
            }

            return OfBand(kernels, n, n, r, ld, values);
        }
    }

    private static int OfBand<T>(Kernels<T> kernels, int m, int n, T* a, int lda, T* values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var granule = BandBidiagonalisation.Granule<T>();
        var width = (BandWidth + granule - 1) / granule * granule;
        using Rented<T> storage = new(UpperBand<T>.Length(n, width)), superdiagonal = new(n);
        storage.Span.Clear();
        fixed (T* s = storage.Array, e = superdiagonal.Array)
        {
            var band = new UpperBand<T>(n, width, s);
            BandReduction.Reduce(kernels, m, n, a, lda, band);
            BandBidiagonalisation.Reduce(band, values, e);
            return kernels.BidiagonalSingularValues(n, values, e);
        }
    }

    /// <summary>
    /// Multiplies by a power of two where squares or rounding errors of the largest elements would leave the range of T, LAPACK's bounds:
    /// sqrt(smallest normal)/eps and its inverse. Returns the power to multiply the values by.
    /// </summary>
    private static int ScaleToSafeRange<T>(int m, int n, T* a, int lda)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var largest = T.Zero;
        for (var j = 0; j < n; j++)
        {
            largest = T.Max(largest, T.Abs(TensorPrimitives.MaxMagnitude(new ReadOnlySpan<T>(a + ((nint)j * lda), m))));
        }

        var bound = T.CreateChecked(typeof(T) == typeof(double) ? 1e137 : 1e11);
        if (T.IsZero(largest) || (largest > T.One / bound && largest < bound))
        {
            return 0;
        }

        var exponent = int.CreateChecked(T.ILogB(largest));
        for (var j = 0; j < n; j++)
        {
            for (var i = 0; i < m; i++)
            {
                var element = a + i + ((nint)j * lda);
                *element = T.ScaleB(*element, -exponent);
            }
        }

        return exponent;
    }
}
