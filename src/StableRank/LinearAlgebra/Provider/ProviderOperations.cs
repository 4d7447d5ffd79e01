using System.Numerics;
using System.Numerics.Tensors;
using MathNet.Numerics;
using MathNet.Numerics.Providers.LinearAlgebra;

namespace StableRank.LinearAlgebra.Provider;

/// <summary>
/// What MathNet asks of a provider for one real scalar type, over the kernels of a backend: products, norms, solves. The vector
/// operations and the factorisations with orthogonal factors are in the other halves of this class. Arrays are column-major and packed.
/// </summary>
internal sealed unsafe partial class ProviderOperations<T>(Kernels<T> kernels)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Sums of squares below this have lost digits to underflow.</summary>
    private static readonly T SmallestSafeSum = T.CreateChecked(typeof(T) == typeof(double) ? 1e-280 : 1e-28);

    public T MatrixNorm(Norm norm, int rows, int columns, T[] matrix)
    {
        Require(matrix, nameof(matrix));
        if (rows < 1 || columns < 1 || matrix.Length < checked(rows * columns))
        {
            throw new ArgumentException(
                $"The array has {matrix.Length} elements for {rows} x {columns}; expected a row and a column at least, with all elements.",
                nameof(matrix));
        }

        ReadOnlySpan<T> elements = matrix.AsSpan(0, rows * columns);
        switch (norm)
        {
            case Norm.OneNorm:
                var largest = T.Zero;
                for (var j = 0; j < columns; j++)
                {
                    largest = T.Max(largest, TensorPrimitives.SumOfMagnitudes(elements.Slice(j * rows, rows)));
                }

                return largest;
            case Norm.InfinityNorm:
                using (var rented = new Rented<T>(checked(2 * rows)))
                {
                    Span<T> sums = rented.Span[..rows], magnitudes = rented.Span[rows..];
                    sums.Clear();
                    for (var j = 0; j < columns; j++)
                    {
                        TensorPrimitives.Abs(elements.Slice(j * rows, rows), magnitudes);
                        TensorPrimitives.Add(sums, magnitudes, sums);
                    }

                    return TensorPrimitives.Max<T>(sums);
                }

            case Norm.LargestAbsoluteValue:
                return T.Abs(TensorPrimitives.MaxMagnitude(elements));
            case Norm.FrobeniusNorm:
                return Frobenius(elements);
            default:
                throw new NotSupportedException(
                    $"The norm {norm} is not known; expected one of {string.Join(", ", Enum.GetNames<Norm>())}.");
        }
    }

    public void MatrixMultiply(T[] x, int rowsX, int columnsX, T[] y, int rowsY, int columnsY, T[] result) =>
        MatrixMultiplyWithUpdate(false, false, T.One, x, rowsX, columnsX, y, rowsY, columnsY, T.Zero, result);

    public void MatrixMultiplyWithUpdate(
        bool transA, bool transB, T alpha, T[] a, int rowsA, int columnsA, T[] b, int rowsB, int columnsB, T beta, T[] c)
    {
        Require(a, nameof(a));
        Require(b, nameof(b));
        Require(c, nameof(c));
        int m = transA ? columnsA : rowsA, n = transB ? rowsB : columnsB;
        int k = transA ? rowsA : columnsA, inner = transB ? columnsB : rowsB;
        if (k != inner)
        {
            throw new ArgumentOutOfRangeException(nameof(b), $"The inner dimensions are {k} and {inner}; expected the same.");
        }

        RequireProductLength(a, rowsA, columnsA, nameof(a));
        RequireProductLength(b, rowsB, columnsB, nameof(b));
        RequireProductLength(c, m, n, nameof(c));
        if (m == 0 || n == 0)
        {
            return;
        }

        fixed (T* pa = a, pb = b, pc = c)
        {
            kernels.Gemm(transA, transB, m, n, k, alpha, pa, Math.Max(rowsA, 1), pb, Math.Max(rowsB, 1), beta, pc, m);
        }
    }

    public void LUFactor(T[] data, int order, int[] pivots)
    {
        RequireLength(data, order, order, nameof(data));
        RequireLength(pivots, order, 1, "ipiv");
        fixed (T* p = data)
        fixed (int* pp = pivots)
        {
            // a zero on U's diagonal is no error here: MathNet looks at the determinant
            kernels.Getrf(order, p, order, pp);
        }
    }

    public void LUInverse(T[] a, int order)
    {
        var pivots = new int[Math.Max(order, 0)];
        LUFactor(a, order, pivots);
        LUInverseFactored(a, order, pivots);
    }

    public void LUInverseFactored(T[] a, int order, int[] pivots)
    {
        RequireLength(a, order, order, nameof(a));
        RequireLength(pivots, order, 1, "ipiv");
        fixed (T* p = a)
        fixed (int* pp = pivots)
        {
            var info = kernels.Getri(order, p, order, pp);
            if (info > 0)
            {
                throw new SingularUMatrixException(info);
            }
        }
    }

    public void LUSolve(int columns, T[] a, int order, T[] b)
    {
        RequireLength(a, order, order, nameof(a));
        RequireLength(b, order, columns, nameof(b));
        RequireDifferent(a, b);
        var factors = (T[])a.Clone();
        var pivots = new int[order];
        LUFactor(factors, order, pivots);
        LUSolveFactored(columns, factors, order, pivots, b);
    }

    public void LUSolveFactored(int columns, T[] a, int order, int[] pivots, T[] b)
    {
        RequireLength(a, order, order, nameof(a));
        RequireLength(pivots, order, 1, "ipiv");
        RequireLength(b, order, columns, nameof(b));
        RequireDifferent(a, b);
        fixed (T* pa = a, pb = b)
        fixed (int* pp = pivots)
        {
            kernels.Getrs(order, columns, pa, order, pp, pb, order);
        }
    }

    public void CholeskyFactor(T[] a, int order)
    {
        if (order < 1)
        {
            throw new ArgumentException($"The order is {order}; expected at least 1.", nameof(order));
        }

        RequireLength(a, order, order, nameof(a));
        int minor;
        fixed (T* p = a)
        {
            minor = kernels.Potrf(order, p, order);
        }

        if (minor > 0)
        {
            throw new ArgumentException(
                $"Matrix must be positive definite: its leading minor of order {minor} is not positive.", nameof(a));
        }

        for (var j = 1; j < order; j++)
        {
            a.AsSpan(j * order, j).Clear();
        }
    }

    public void CholeskySolve(T[] a, int order, T[] b, int columns)
    {
        RequireLength(a, order, order, nameof(a));
        RequireLength(b, order, columns, nameof(b));
        RequireDifferent(a, b);
        var factor = (T[])a.Clone();
        CholeskyFactor(factor, order);
        CholeskySolveFactored(factor, order, b, columns);
    }

    public void CholeskySolveFactored(T[] a, int order, T[] b, int columns)
    {
        RequireLength(a, order, order, nameof(a));
        RequireLength(b, order, columns, nameof(b));
        RequireDifferent(a, b);
        fixed (T* pa = a, pb = b)
        {
            kernels.Potrs(order, columns, pa, order, pb, order);
        }
    }

    /// <summary>The root of the sum of squares, scaled where the squares leave the range of T.</summary>
    private static T Frobenius(ReadOnlySpan<T> elements)
    {
        var squares = TensorPrimitives.SumOfSquares(elements);
        if (T.IsFinite(squares) && squares > SmallestSafeSum)
        {
            return T.Sqrt(squares);
        }

        var largest = T.Abs(TensorPrimitives.MaxMagnitude(elements));
        if (T.IsZero(largest) || !T.IsFinite(largest))
        {
            return largest;
        }

        using var scaled = new Rented<T>(elements.Length);
        TensorPrimitives.Divide(elements, largest, scaled.Span);
        return largest * TensorPrimitives.Norm<T>(scaled.Span);
    }

    private static void Require<TArray>(TArray[] array, string name) => ArgumentNullException.ThrowIfNull(array, name);

    private static void RequireLength<TArray>(TArray[] array, int rows, int columns, string name)
    {
        ArgumentNullException.ThrowIfNull(array, name);
        if (array.Length != checked(rows * columns))
        {
            throw new ArgumentException($"The array {name} has {array.Length} elements; expected {rows} x {columns}.", name);
        }
    }

    /// <summary>MathNet's managed provider answers a product of unfitting arrays with this kind of exception.</summary>
    private static void RequireProductLength(T[] array, int rows, int columns, string name)
    {
        if (array.Length != checked(rows * columns))
        {
            throw new ArgumentOutOfRangeException(name, $"The array {name} has {array.Length} elements; expected {rows} x {columns}.");
        }
    }

    private static void RequireDifferent(T[] a, T[] b)
    {
        if (ReferenceEquals(a, b))
        {
            throw new ArgumentException("The matrix and the right side are the same array; expected different ones.", nameof(b));
        }
    }
}
