namespace StableRank.LinearAlgebra.Native;

/// <summary>
/// LAPACK over a native library. Each call asks for its best workspace first (a query of well under a microsecond) and rents it
/// from the shared pool.
/// </summary>
internal sealed unsafe partial class NativeKernels<T>
{
    public override void Geqrf(int m, int n, T* a, int lda, T* tau)
    {
        T best;
        int query = -1, info = 0;
        native.Geqrf(&m, &n, a, &lda, tau, &best, &query, &info);
        using var work = Work(best);
        fixed (T* w = work.Array)
        {
            var length = work.Length;
            Gather(Cube(m, n));
            native.Geqrf(&m, &n, a, &lda, tau, w, &length, &info);
        }

        RequireValidArguments("geqrf", info);
    }

    /// <summary>By gesdd for small matrices, in two stages from where that takes less time, with one thread and with two.</summary>
    public override int SingularValues(int m, int n, T* a, int lda, T* values)
    {
        const int twoStagesFrom = 320;
        if (Math.Min(m, n) >= twoStagesFrom)
        {
            return TwoStageSingularValues.Compute(this, m, n, a, lda, values);
        }

        T unused;
        return Gesdd((byte)'N', m, n, a, lda, values, &unused, 1, &unused, 1);
    }

    public override int Svd(bool full, int m, int n, T* a, int lda, T* values, T* u, T* vt) =>
        Gesdd(full ? (byte)'A' : (byte)'S', m, n, a, lda, values, u, Math.Max(m, 1), vt, Math.Max(full ? n : Math.Min(m, n), 1));

    private int Gesdd(byte job, int m, int n, T* a, int lda, T* values, T* u, int ldu, T* vt, int ldvt)
    {
        T best;
        int query = -1, info = 0, unused;
        native.Gesdd(&job, &m, &n, a, &lda, values, u, &ldu, vt, &ldvt, &best, &query, &unused, &info, 1);
        using var work = Work(best);
        using var integers = new Rented<int>(checked(8 * Math.Min(m, n)));
        fixed (T* w = work.Array)
        fixed (int* iw = integers.Array)
        {
            var length = work.Length;
            Gather(Cube(m, n));
            native.Gesdd(&job, &m, &n, a, &lda, values, u, &ldu, vt, &ldvt, w, &length, iw, &info, 1);
        }

        return RequireValidArguments("gesdd", info);
    }

    /// <summary>By dqds, LAPACK's way where no vectors are asked for.</summary>
    public override int BidiagonalSingularValues(int n, T* d, T* e)
    {
        T unused;
        int none = 0, one = 1, info = 0;
        var upper = (byte)'U';
        using Rented<T> work = new(checked(4 * n));
        fixed (T* w = work.Array)
        {
            native.Bdsqr(&upper, &n, &none, &none, &none, d, e, &unused, &one, &unused, &one, &unused, &one, w, &info, 1);
        }

        return RequireValidArguments("bdsqr", info);
    }

    public override int SymmetricEigen(bool vectors, int n, T* a, int lda, T* values)
    {
        T best;
        int bestInteger, query = -1, info = 0;
        byte job = vectors ? (byte)'V' : (byte)'N', lower = (byte)'L';
        native.Syevd(&job, &lower, &n, a, &lda, values, &best, &query, &bestInteger, &query, &info, 1, 1);
        using var work = Work(best);
        using var integers = new Rented<int>(bestInteger);
        fixed (T* w = work.Array)
        fixed (int* iw = integers.Array)
        {
            int length = work.Length, integerLength = integers.Length;
            Gather(Cube(n, n));
            native.Syevd(&job, &lower, &n, a, &lda, values, w, &length, iw, &integerLength, &info, 1, 1);
        }

        return RequireValidArguments("syevd", info);
    }

    public override int Potrf(int n, T* a, int lda)
    {
        var info = 0;
        var lower = (byte)'L';
        Gather(Cube(n, n));
        native.Potrf(&lower, &n, a, &lda, &info, 1);
        return RequireValidArguments("potrf", info);
    }

    public override void Potrs(int n, int columns, T* factor, int lda, T* b, int ldb)
    {
        var info = 0;
        var lower = (byte)'L';
        Gather((long)n * n * columns);
        native.Potrs(&lower, &n, &columns, factor, &lda, b, &ldb, &info, 1);
        RequireValidArguments("potrs", info);
    }

    public override int Getrf(int n, T* a, int lda, int* pivots)
    {
        var info = 0;
        Gather(Cube(n, n));
        native.Getrf(&n, &n, a, &lda, pivots, &info);
        for (var i = 0; i < n; i++)
        {
            pivots[i]--;
        }

        return RequireValidArguments("getrf", info);
    }

    public override int Getri(int n, T* a, int lda, int* pivots)
    {
        T best;
        int query = -1, info = 0;
        using var fortran = OneBased(n, pivots);
        fixed (int* p = fortran.Array)
        {
            native.Getri(&n, a, &lda, p, &best, &query, &info);
            using var work = Work(best);
            fixed (T* w = work.Array)
            {
                var length = work.Length;
                Gather(Cube(n, n));
                native.Getri(&n, a, &lda, p, w, &length, &info);
            }
        }

        return RequireValidArguments("getri", info);
    }

    public override void Getrs(int n, int columns, T* factors, int lda, int* pivots, T* b, int ldb)
    {
        var info = 0;
        var no = (byte)'N';
        using var fortran = OneBased(n, pivots);
        fixed (int* p = fortran.Array)
        {
            Gather((long)n * n * columns);
            native.Getrs(&no, &n, &columns, factors, &lda, p, b, &ldb, &info, 1);
        }

        RequireValidArguments("getrs", info);
    }

    /// <summary>The multiplications of a factorisation of an m x n matrix, but for a small factor.</summary>
    private static long Cube(int m, int n) => (long)m * n * Math.Min(m, n);

    private static Rented<int> OneBased(int n, int* pivots)
    {
        var fortran = new Rented<int>(n);
        for (var i = 0; i < n; i++)
        {
            fortran.Array[i] = pivots[i] + 1;
        }

        return fortran;
    }

    /// <summary>
    /// The workspace that a query answered. Single precision holds integers only to 2^24 and rounds above: the next float up is
    /// never too short.
    /// </summary>
    private static Rented<T> Work(T best) =>
        new(int.CreateChecked(T.Ceiling(best > T.CreateChecked(1 << 22) ? T.BitIncrement(best) : best)));

    private static int RequireValidArguments(string routine, int info) =>
        info >= 0 ? info : throw new InvalidOperationException($"LAPACK {routine} refused its argument {-info}.");
}
