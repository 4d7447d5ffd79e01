using System.Runtime.CompilerServices;

namespace StableRank.LinearAlgebra;

/// <summary>
/// The dense operations of one precision, on column-major storage behind pointers: the one seam between the public classes
/// of this folder and a native library or managed code. Sizes have been checked by the caller. A leaf returns LAPACK's info
/// where an operation can fail on valid sizes; 0 is success.
/// </summary>
internal abstract unsafe class Kernels<T>
    where T : unmanaged
{
    /// <summary>The kernels of the backend in use; loads it on the first call.</summary>
    public static Kernels<T> Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Backend.Active.Of<T>();
    }

    /// <summary>c = alpha op(a) op(b) + beta c; beta = 0 overwrites c unread.</summary>
    public abstract void Gemm(
        bool transA, bool transB, int m, int n, int k, T alpha, T* a, int lda, T* b, int ldb, T beta, T* c, int ldc);

    /// <summary>y = alpha op(a) x + beta y for a stored m x n.</summary>
    public abstract void Gemv(bool transA, int m, int n, T alpha, T* a, int lda, T* x, T beta, T* y);

    /// <summary>Lower triangle of c = alpha a a' + beta c (a is n x k), or of alpha a' a + beta c (a is k x n) for trans.</summary>
    public abstract void SyrkLower(bool trans, int n, int k, T alpha, T* a, int lda, T beta, T* c, int ldc);

    /// <summary>QR: R in the upper triangle, reflectors below, scales in tau (min(m, n) of them).</summary>
    public abstract void Geqrf(int m, int n, T* a, int lda, T* tau);

    /// <summary>Singular values only, non-increasing; a is destroyed. Non-zero: no convergence.</summary>
    public abstract int SingularValues(int m, int n, T* a, int lda, T* values);

    /// <summary>
    /// Overwrites d (n elements) by the singular values, non-increasing, of the upper bidiagonal matrix of diagonal d and superdiagonal e
    /// (n - 1 elements, destroyed). Non-zero: no convergence.
    /// </summary>
    public abstract int BidiagonalSingularValues(int n, T* d, T* e);

    /// <summary>
    /// Singular values and vectors; a is destroyed. Thin: u is m x min(m, n), vt min(m, n) x n; full: m x m and n x n.
    /// Both are packed (leading dimension = rows).
    /// </summary>
    public abstract int Svd(bool full, int m, int n, T* a, int lda, T* values, T* u, T* vt);

    /// <summary>
    /// Eigenvalues, non-decreasing, of the symmetric matrix in the lower triangle of a; a becomes the vectors or is destroyed.
    /// </summary>
    public abstract int SymmetricEigen(bool vectors, int n, T* a, int lda, T* values);

    /// <summary>
    /// Cholesky factor in the lower triangle, the strict upper one untouched. Positive: that leading minor is not positive definite.
    /// </summary>
    public abstract int Potrf(int n, T* a, int lda);

    /// <summary>Solves L L' x = b in place.</summary>
    public abstract void Potrs(int n, int columns, T* factor, int lda, T* b, int ldb);

    /// <summary>LU with partial pivoting; pivots are 0-based row exchanges. Positive: that diagonal element of U is zero.</summary>
    public abstract int Getrf(int n, T* a, int lda, int* pivots);

    /// <summary>The inverse from the factors of Getrf, in place. Positive: singular.</summary>
    public abstract int Getri(int n, T* a, int lda, int* pivots);

    /// <summary>Solves from the factors of Getrf, in place.</summary>
    public abstract void Getrs(int n, int columns, T* factors, int lda, int* pivots, T* b, int ldb);

    /// <summary>y = tanh x by element; y may be x.</summary>
    public abstract void Tanh(int n, T* x, T* y);

    /// <summary>y = erf x by element; y may be x.</summary>
    public abstract void Erf(int n, T* x, T* y);

    /// <summary>y = exp x by element; y may be x.</summary>
    public abstract void Exp(int n, T* x, T* y);

    /// <summary>y = sin x by element; y may be x.</summary>
    public abstract void Sin(int n, T* x, T* y);
}
