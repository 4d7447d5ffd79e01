using System.Numerics;

namespace StableRank.LinearAlgebra;

/// <summary>
/// First stage of singular values alone: a dense matrix, no wider than high, becomes an upper band matrix of the same singular values by
/// Householder blocks from the left and the right in turn (Grosser and Lang 1999). A block of columns is factored as Q R, then what
/// remains of its rows as L P, and the rest of the matrix is updated for both at once, A - V Y' - X W': nearly all of the 8/3 n^3
/// operations are matrix products.
/// </summary>
internal static unsafe class BandReduction
{
    /// <summary>Fills the band from the matrix, which is destroyed.</summary>
    /// <param name="kernels">What multiplies and factors.</param>
    /// <param name="m">Rows, at least n.</param>
    /// <param name="n">Columns, the order of the band.</param>
    /// <param name="a">The matrix.</param>
    /// <param name="lda">Its leading dimension.</param>
    /// <param name="band">Zero on entry.</param>
    public static void Reduce<T>(Kernels<T> kernels, int m, int n, T* a, int lda, UpperBand<T> band)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var b = Math.Min(band.Width, n);
        using Rented<T> left = new(checked(2 * m * b)), right = new(checked(2 * n * b)), product = new(checked(m * b));
        using Rented<T> rows = new(checked(n * b)), square = new(2 * b * b), tau = new(b);
        fixed (T* l = left.Array, r = right.Array, p = product.Array, x = rows.Array, s = square.Array, t = tau.Array)
        {
            var work = new Workspace<T>(l, r, p, x, s, s + (b * b), t);
            for (var j = 0; j < n; j += band.Width)
            {
                Step(kernels, m - j, n - j, a + j + ((nint)j * lda), lda, band, j, work);
            }
        }
    }

    /// <summary>Takes the first columns and rows off a, m x n, which starts at the diagonal element <paramref name="first"/>.</summary>
    private static void Step<T>(Kernels<T> kernels, int m, int n, T* a, int lda, UpperBand<T> band, int first, Workspace<T> work)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int width = Math.Min(band.Width, n), columns = n - width, below = m - width, reflectors = Math.Min(width, columns);
        kernels.Geqrf(m, width, a, lda, work.Tau);
        for (var q = 0; q < width; q++)
        {
            new ReadOnlySpan<T>(a + ((nint)q * lda), q + 1).CopyTo(new Span<T>(band.At(first, first + q), q + 1));
        }

        if (columns == 0)
        {
            return;
        }

        // from the left: (I - V S V')' A = A - V Y', Y = A'V S; the product is taken in the shape that is quicker, V'A
        T* rest = a + ((nint)width * lda), v = work.Left, y = work.Right, triangle = work.Triangle, product = work.Product;
        FormBlock(kernels, m, width, a, lda, v, work);
        kernels.Gemm(true, false, width, columns, m, T.One, v, m, rest, lda, T.Zero, product, width);
        kernels.Gemm(true, false, columns, width, width, T.One, product, width, triangle, width, T.Zero, y, columns);

        // the rows of the block, updated and transposed; what is left of them by reflectors from the right
        var rows = work.Rows;
        CopyTransposed(width, columns, rest, lda, rows);
        kernels.Gemm(false, true, columns, width, width, -T.One, y, columns, v, m, T.One, rows, columns);
        kernels.Geqrf(columns, width, rows, columns, work.Tau);
        for (var p = 0; p < width; p++)
        {
            for (var q = 0; q < Math.Min(p + 1, columns); q++)
            {
                *band.At(first + p, first + width + q) = rows[q + ((nint)p * columns)];
            }
        }

        if (below == 0)
        {
            return;
        }

        // from the right: (A - V Y')(I - W S W') = A - V Y' - X W', X = (A W - V Y'W) S
        T* w = y + ((nint)columns * width), vBelow = v + width, x = vBelow + ((nint)m * width), c = rest + width, inner = work.Inner;
        FormBlock(kernels, columns, reflectors, rows, columns, w, work);
        kernels.Gemm(false, false, below, reflectors, columns, T.One, c, lda, w, columns, T.Zero, product, below);
        kernels.Gemm(true, false, width, reflectors, columns, T.One, y, columns, w, columns, T.Zero, inner, width);
        kernels.Gemm(false, false, below, reflectors, width, -T.One, vBelow, m, inner, width, T.One, product, below);
        kernels.Gemm(false, false, below, reflectors, reflectors, T.One, product, below, triangle, reflectors, T.Zero, x, m);
        kernels.Gemm(false, true, below, columns, width + reflectors, -T.One, vBelow, m, y, columns, T.One, c, lda);
    }

    /// <summary>V with its ones and zeros, and S, of the block reflector I - V S V' that Geqrf left behind.</summary>
    private static void FormBlock<T>(Kernels<T> kernels, int rows, int k, T* reflectors, int lda, T* v, Workspace<T> work)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CompactWy.CopyUnitLower(rows, k, reflectors, lda, v, rows);
        CompactWy.FormTriangle(kernels, rows, k, v, rows, work.Tau, work.Triangle, k, work.Inner);
    }

    private static void CopyTransposed<T>(int rows, int columns, T* a, int lda, T* target)
        where T : unmanaged
    {
        for (var q = 0; q < columns; q++)
        {
            for (var p = 0; p < rows; p++)
            {
                target[q + ((nint)p * columns)] = a[p + ((nint)q * lda)];
            }
        }
    }

    /// <summary>
    /// Buffers for b columns of: [V X] and [Y W], which multiply in one product; what leads to Y and X; the block of rows, transposed; the
    /// triangle S; Y'W and, before, what leads to S; the scales of reflectors.
    /// </summary>
    private readonly struct Workspace<T>(T* left, T* right, T* product, T* rows, T* triangle, T* inner, T* tau)
        where T : unmanaged
    {
        public readonly T* Left = left, Right = right, Product = product, Rows = rows, Triangle = triangle, Inner = inner, Tau = tau;
    }
}
