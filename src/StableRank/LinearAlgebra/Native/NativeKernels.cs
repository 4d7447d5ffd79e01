using System.Numerics;
using StableRank.LinearAlgebra.Managed;

namespace StableRank.LinearAlgebra.Native;

/// <summary>BLAS and vector functions over a native library; LAPACK is in the other half of this class.</summary>
internal sealed unsafe partial class NativeKernels<T>(NativeSymbols<T> native, OpenMpTeam? team) : Kernels<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int ColumnMajor = 102, NoTrans = 111, Trans = 112, Lower = 122;

    /// <summary>
    /// m n k below which a product takes less time than waking a second thread (some 14 microseconds) would save it.
    /// </summary>
    private static readonly long smallProduct = (1L << 22) / sizeof(T);

    public override void Gemm(
        bool transA, bool transB, int m, int n, int k, T alpha, T* a, int lda, T* b, int ldb, T beta, T* c, int ldc)
    {
        var multiplications = (long)m * n * k;
        var isSmall = native.SetThreadsLocal != null && multiplications <= smallProduct;
        var former = isSmall ? native.SetThreadsLocal(1) : 0;
        Gather(multiplications);
        native.Gemm(
            ColumnMajor, transA ? Trans : NoTrans, transB ? Trans : NoTrans, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
        if (isSmall)
        {
            native.SetThreadsLocal(former);
        }
    }

    public override void Gemv(bool transA, int m, int n, T alpha, T* a, int lda, T* x, T beta, T* y)
    {
        var result = transA ? n : m;
        if ((transA ? m : n) == 0)
        {
            // the reference gemv returns at once for an empty matrix, without the beta y of its definition
            ManagedVectors.Scale(result, beta, y);
            return;
        }

        native.Gemv(ColumnMajor, transA ? Trans : NoTrans, m, n, alpha, a, lda, x, 1, beta, y, 1);
    }

    public override void SyrkLower(bool trans, int n, int k, T alpha, T* a, int lda, T beta, T* c, int ldc)
    {
        Gather((long)n * n * k);
        native.Syrk(ColumnMajor, Lower, trans ? Trans : NoTrans, n, k, alpha, a, lda, beta, c, ldc);
    }

    public override void Tanh(int n, T* x, T* y)
    {
        if (native.Tanh != null)
        {
            native.Tanh(n, x, y);
        }
        else
        {
            ManagedVectors.Tanh(n, x, y);
        }
    }

    public override void Erf(int n, T* x, T* y)
    {
        if (native.Erf != null)
        {
            native.Erf(n, x, y);
        }
        else
        {
            ManagedVectors.Erf(n, x, y);
        }
    }

    public override void Exp(int n, T* x, T* y)
    {
        if (native.Exp != null)
        {
            native.Exp(n, x, y);
        }
        else
        {
            ManagedVectors.Exp(n, x, y);
        }
    }

    public override void Sin(int n, T* x, T* y)
    {
        if (native.Sin != null)
        {
            native.Sin(n, x, y);
        }
        else
        {
            ManagedVectors.Sin(n, x, y);
        }
    }

    /// <summary>Before work of so many multiplications: has the helping threads ready where it is large enough for them.</summary>
    private void Gather(long multiplications)
    {
        if (team is not null && multiplications > smallProduct / 2 * team.Threads)
        {
            team.Gather();
        }
    }
}
