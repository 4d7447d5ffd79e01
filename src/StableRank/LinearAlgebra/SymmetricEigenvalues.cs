using System.Numerics;
using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.LinearAlgebra;

/// <summary>
/// Eigenvalues of a symmetric matrix by the backend in use (LAPACK's syevd). Only the lower triangle is read. T is double or
/// float. Values come in non-decreasing order (singular values: the other way round), each off by a small multiple of eps times the
/// largest magnitude.
/// </summary>
public static unsafe class SymmetricEigenvalues
{
    /// <summary>The n eigenvalues, non-decreasing.</summary>
    /// <param name="a">A symmetric n x n matrix, of which the lower triangle is read; not changed.</param>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">The matrix is not square, or an element is not finite.</exception>
    /// <exception cref="NonConvergenceException">The iteration did not converge.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static T[] Of<T>(Matrix<T> a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Check(a);
        var n = a.RowCount;
        using var copy = new Rented<T>(checked(n * n));
        MatrixStorage.CopyTo(a, copy.Span);
        return Compute(false, n, copy.Array);
    }

    /// <summary>Eigenvalues, non-decreasing, and orthonormal eigenvectors: A V = V diag(values), column j of V for value j.</summary>
    /// <param name="a">A symmetric n x n matrix, of which the lower triangle is read; not changed.</param>
    /// <exception cref="ArgumentNullException"><paramref name="a"/> is null.</exception>
    /// <exception cref="ArgumentException">The matrix is not square, or an element is not finite.</exception>
    /// <exception cref="NonConvergenceException">The iteration did not converge.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static (T[] Values, Matrix<T> Vectors) WithVectors<T>(Matrix<T> a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Check(a);
        var n = a.RowCount;
        var vectors = new T[checked(n * n)];
        MatrixStorage.CopyTo(a, vectors);
        var values = Compute(true, n, vectors);
        return (values, MatrixStorage.Dense(n, n, vectors));
    }

    private static T[] Compute<T>(bool vectors, int n, T[] a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var values = new T[n];
        var kernels = Kernels<T>.Current;
        fixed (T* pa = a, pv = values)
        {
            var info = kernels.SymmetricEigen(vectors, n, pa, n, pv);
            return info == 0
                ? values
                : throw new NonConvergenceException($"The eigenvalues of a {n} x {n} symmetric matrix did not converge (info {info}).");
        }
    }

    private static void Check<T>(Matrix<T> a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        MatrixGuard.RequireSquare(a, nameof(a));
        MatrixGuard.RequireFinite(a, nameof(a));
    }
}
