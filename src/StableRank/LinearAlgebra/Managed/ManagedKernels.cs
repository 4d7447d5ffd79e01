using System.Numerics;

namespace StableRank.LinearAlgebra.Managed;

/// <summary>The operations without a native library: products and Householder here, other factorisations in their own classes.</summary>
internal sealed unsafe class ManagedKernels<T>(int threads) : Kernels<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private int Threads => SingleThreadedScope.IsOpen ? 1 : threads;

    public override void Gemm(
        bool transA, bool transB, int m, int n, int k, T alpha, T* a, int lda, T* b, int ldb, T beta, T* c, int ldc) =>
        ManagedGemm.Run(Threads, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);

    public override void Gemv(bool transA, int m, int n, T alpha, T* a, int lda, T* x, T beta, T* y)
    {
        ManagedVectors.Scale(transA ? n : m, beta, y);
        for (var j = 0; j < n; j++)
        {
            var column = a + (nint)j * lda;
            if (transA)
            {
                y[j] += alpha * ManagedVectors.Dot(m, column, x);
            }
            else
            {
                ManagedVectors.AddScaled(m, alpha * x[j], column, y);
            }
        }
    }

    public override void SyrkLower(bool trans, int n, int k, T alpha, T* a, int lda, T beta, T* c, int ldc)
    {
        // by block columns: the rows above the diagonal block are left out; the upper part inside it is computed on the side
        const int width = 64;
        using var diagonal = new Rented<T>(width * width);
        fixed (T* d = diagonal.Array)
        {
            for (var j = 0; j < n; j += width)
            {
                var columns = Math.Min(width, n - j);
                var block = c + j + (nint)j * ldc;
                var aj = trans ? a + (nint)j * lda : a + j;
                ManagedGemm.Run(Threads, trans, !trans, columns, columns, k, alpha, aj, lda, aj, lda, T.Zero, d, columns);
                for (var q = 0; q < columns; q++)
                {
                    var length = columns - q;
                    var target = block + q + (nint)q * ldc;
                    ManagedVectors.Scale(length, beta, target);
                    ManagedVectors.AddScaled(length, T.One, d + q + (nint)q * columns, target);
                }

                var below = n - j - columns;
                var al = trans ? aj + (nint)columns * lda : aj + columns;
                ManagedGemm.Run(Threads, trans, !trans, below, columns, k, alpha, al, lda, aj, lda, beta, block + columns, ldc);
            }
        }
    }

    public override void Geqrf(int m, int n, T* a, int lda, T* tau) => ManagedHouseholder.Factor(this, m, n, a, lda, tau);

    public override int SingularValues(int m, int n, T* a, int lda, T* values) => ManagedSvd.Values(Threads, m, n, a, lda, values);

    public override int BidiagonalSingularValues(int n, T* d, T* e) => ManagedSvd.BidiagonalValues(n, d, e);

    public override int Svd(bool full, int m, int n, T* a, int lda, T* values, T* u, T* vt) =>
        ManagedSvd.Decompose(Threads, full, m, n, a, lda, values, u, vt);

    public override int SymmetricEigen(bool vectors, int n, T* a, int lda, T* values) =>
        ManagedFactorizations.SymmetricEigen(vectors, n, a, lda, values);

    public override int Potrf(int n, T* a, int lda) => ManagedFactorizations.Cholesky(Threads, n, a, lda);

    public override void Potrs(int n, int columns, T* factor, int lda, T* b, int ldb) =>
        ManagedFactorizations.CholeskySolve(n, columns, factor, lda, b, ldb);

    public override int Getrf(int n, T* a, int lda, int* pivots) => ManagedFactorizations.Lu(Threads, n, a, lda, pivots);

    public override int Getri(int n, T* a, int lda, int* pivots) => ManagedFactorizations.LuInverse(n, a, lda, pivots);

    public override void Getrs(int n, int columns, T* factors, int lda, int* pivots, T* b, int ldb) =>
        ManagedFactorizations.LuSolve(n, columns, factors, lda, pivots, b, ldb);

    public override void Tanh(int n, T* x, T* y) => ManagedVectors.Tanh(n, x, y);

    public override void Erf(int n, T* x, T* y) => ManagedVectors.Erf(n, x, y);

    public override void Exp(int n, T* x, T* y) => ManagedVectors.Exp(n, x, y);

    public override void Sin(int n, T* x, T* y) => ManagedVectors.Sin(n, x, y);
}
