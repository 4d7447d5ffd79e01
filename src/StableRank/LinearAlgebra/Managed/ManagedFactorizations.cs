using System.Numerics;
using System.Numerics.Tensors;
using MathNet.Numerics;
using MathNet.Numerics.Providers.LinearAlgebra;

namespace StableRank.LinearAlgebra.Managed;

/// <summary>Symmetric eigenvalues (MathNet's, in double), and Cholesky and LU in blocks over the managed product.</summary>
internal static unsafe class ManagedFactorizations
{
    private const int Block = 48;

    private static readonly ManagedLinearAlgebraProvider Provider = new();

    public static int SymmetricEigen<T>(bool vectors, int n, T* a, int lda, T* values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double[] full = new double[checked(n * n)], found = new double[n * n], diagonal = new double[n * n];
        for (var j = 0; j < n; j++)
        {
            for (var i = j; i < n; i++)
            {
                full[i + j * n] = full[j + i * n] = double.CreateChecked(a[i + (nint)j * lda]);
            }
        }

        var eigenvalues = new Complex[n];
        try
        {
            Provider.EigenDecomp(true, n, full, found, eigenvalues, diagonal);
        }
        catch (NonConvergenceException)
        {
            return 1;
        }

        for (var j = 0; j < n; j++)
        {
            values[j] = T.CreateTruncating(eigenvalues[j].Real);
            for (var i = 0; vectors && i < n; i++)
            {
                a[i + (nint)j * lda] = T.CreateTruncating(found[i + j * n]);
            }
        }

        return 0;
    }

    public static int Cholesky<T>(int threads, int n, T* a, int lda)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var update = new Rented<T>(checked(n * Block));
        fixed (T* w = update.Array)
        {
            for (var j = 0; j < n; j += Block)
            {
                int width = Math.Min(Block, n - j), rows = n - j;
                var block = a + j + (nint)j * lda;

                // block column minus what the columns to the left contribute, below the diagonal only
                ManagedGemm.Run(threads, false, true, rows, width, j, T.One, a + j, lda, a + j, lda, T.Zero, w, rows);
                for (var q = 0; q < width; q++)
                {
                    ManagedVectors.AddScaled(rows - q, -T.One, w + q + (nint)q * rows, block + q + (nint)q * lda);
                }

                var minor = FactorBlockColumn(rows, width, block, lda);
                if (minor > 0)
                {
                    return j + minor;
                }
            }
        }

        return 0;
    }

    public static void CholeskySolve<T>(int n, int columns, T* factor, int lda, T* b, int ldb)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var c = 0; c < columns; c++)
        {
            var x = b + (nint)c * ldb;
            for (var j = 0; j < n; j++)
            {
                var column = factor + j + (nint)j * lda;
                x[j] /= column[0];
                ManagedVectors.AddScaled(n - j - 1, -x[j], column + 1, x + j + 1);
            }

            for (var j = n - 1; j >= 0; j--)
            {
                var column = factor + j + (nint)j * lda;
                x[j] = (x[j] - ManagedVectors.Dot(n - j - 1, column + 1, x + j + 1)) / column[0];
            }
        }
    }

    public static int Lu<T>(int threads, int n, T* a, int lda, int* pivots)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var firstZero = 0;
        for (var j = 0; j < n; j += Block)
        {
            var width = Math.Min(Block, n - j);
            for (var q = j; q < j + width; q++)
            {
                var column = a + q + (nint)q * lda;
                var pivot = q + TensorPrimitives.IndexOfMaxMagnitude(new ReadOnlySpan<T>(column, n - q));
                pivots[q] = pivot;
                SwapRows(n, a, lda, q, pivot);
                if (T.IsZero(column[0]))
                {
                    firstZero = firstZero == 0 ? q + 1 : firstZero;
                    continue;
                }

                var below = new Span<T>(column + 1, n - q - 1);
                TensorPrimitives.Divide(below, column[0], below);
                for (var c = 1; c < j + width - q; c++)
                {
                    var other = column + (nint)c * lda;
                    ManagedVectors.AddScaled(n - q - 1, -other[0], column + 1, other + 1);
                }
            }

            var rest = n - j - width;
            T* block = a + j + (nint)j * lda, right = block + (nint)width * lda;
            for (var c = 0; c < rest; c++)
            {
                SolveUnitLower(width, block, lda, right + (nint)c * lda);
            }

            ManagedGemm.Run(
                threads, false, false, rest, rest, width, -T.One, block + width, lda, right, lda, T.One, right + width, lda);
        }

        return firstZero;
    }

    public static void LuSolve<T>(int n, int columns, T* factors, int lda, int* pivots, T* b, int ldb)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < n; i++)
        {
            SwapRows(columns, b, ldb, i, pivots[i]);
        }

        for (var c = 0; c < columns; c++)
        {
            var x = b + (nint)c * ldb;
            SolveUnitLower(n, factors, lda, x);
            for (var j = n - 1; j >= 0; j--)
            {
                var column = factors + (nint)j * lda;
                x[j] /= column[j];
                ManagedVectors.AddScaled(j, -x[j], column, x);
            }
        }
    }

    public static int LuInverse<T>(int n, T* a, int lda, int* pivots)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < n; i++)
        {
            if (T.IsZero(a[i + (nint)i * lda]))
            {
                return i + 1;
            }
        }

        using var inverse = new Rented<T>(checked(n * n));
        inverse.Span.Clear();
        fixed (T* x = inverse.Array)
        {
            for (var i = 0; i < n; i++)
            {
                x[i + (nint)i * n] = T.One;
            }

            LuSolve(n, n, a, lda, pivots, x, n);
            for (var j = 0; j < n; j++)
            {
                new ReadOnlySpan<T>(x + (nint)j * n, n).CopyTo(new Span<T>(a + (nint)j * lda, n));
            }
        }

        return 0;
    }

    private static int FactorBlockColumn<T>(int rows, int width, T* a, int lda)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var q = 0; q < width; q++)
        {
            var column = a + q + (nint)q * lda;

            // a NaN is not positive either
            if (!(column[0] > T.Zero))
            {
                return q + 1;
            }

            column[0] = T.Sqrt(column[0]);
            var below = new Span<T>(column + 1, rows - q - 1);
            TensorPrimitives.Divide(below, column[0], below);
            for (var c = 1; c < width - q; c++)
            {
                ManagedVectors.AddScaled(rows - q - c, -column[c], column + c, column + c + (nint)c * lda);
            }
        }

        return 0;
    }

    private static void SolveUnitLower<T>(int n, T* factor, int lda, T* x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var j = 0; j < n - 1; j++)
        {
            ManagedVectors.AddScaled(n - j - 1, -x[j], factor + j + 1 + (nint)j * lda, x + j + 1);
        }
    }

    private static void SwapRows<T>(int columns, T* a, int lda, int first, int second)
        where T : unmanaged
    {
        for (var j = 0; first != second && j < columns; j++)
        {
            var column = a + (nint)j * lda;
            (column[first], column[second]) = (column[second], column[first]);
        }
    }
}
