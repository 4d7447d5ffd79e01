using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.LinearAlgebra;

/// <summary>
/// The Cholesky factorisation A = L L' of a symmetric positive definite matrix, kept to solve with. T is double or float. Immutable; may
/// be shared between threads.
/// </summary>
public sealed unsafe class CholeskySolver<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T[] factor;

    private CholeskySolver(int order, T[] factor)
    {
        Order = order;
        this.factor = factor;
        var sum = T.Zero;
        for (var i = 0; i < order; i++)
        {
            sum += T.Log(factor[i + i * order]);
        }

        LogDeterminant = sum + sum;
    }

    /// <summary>Rows and columns of A.</summary>
    public int Order { get; }

    /// <summary>log det A, natural logarithm; det A itself would overflow.</summary>
    public T LogDeterminant { get; }

    /// <summary>Factors a matrix.</summary>
    /// <param name="a">A symmetric positive definite n x n matrix, of which the lower triangle is read; not changed.</param>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">The matrix is not square, or an element is not finite.</exception>
    /// <exception cref="NotPositiveDefiniteException">The matrix is not positive definite; the message names the leading minor.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static CholeskySolver<T> Factor(Matrix<T> a)
    {
        MatrixGuard.RequireSquare(a, nameof(a));
        MatrixGuard.RequireFinite(a, nameof(a));
        var n = a.RowCount;
        var elements = new T[checked(n * n)];
        MatrixStorage.CopyTo(a, elements);
        var kernels = Kernels<T>.Current;
        fixed (T* p = elements)
        {
            var minor = kernels.Potrf(n, p, n);
            if (minor > 0)
            {
                throw new NotPositiveDefiniteException(n, minor);
            }
        }

        return new(n, elements);
    }

    /// <summary>The solution X of A X = B.</summary>
    /// <param name="b">n x (any number of columns); not changed.</param>
    /// <exception cref="ArgumentNullException"><paramref name="b"/> is null.</exception>
    /// <exception cref="ArgumentException">B has not n rows, or an element is not finite.</exception>
    public Matrix<T> Solve(Matrix<T> b)
    {
        MatrixGuard.RequireFinite(b, nameof(b));
        if (b.RowCount != Order)
        {
            throw new ArgumentException($"The right side has {b.RowCount} rows; expected {Order}, the order of the matrix.", nameof(b));
        }

        var x = new T[checked(Order * b.ColumnCount)];
        MatrixStorage.CopyTo(b, x);
        fixed (T* pf = factor, px = x)
        {
            Kernels<T>.Current.Potrs(Order, b.ColumnCount, pf, Order, px, Order);
        }

        return MatrixStorage.Dense(Order, b.ColumnCount, x);
    }
}
