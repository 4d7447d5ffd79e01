using System.Runtime.InteropServices;

namespace StableRank.LinearAlgebra.Native;

/// <summary>
/// The functions of one precision in a loaded BLAS and LAPACK library, resolved once: cblas_* for BLAS, the Fortran names for
/// LAPACK (everything by pointer, hidden string lengths last), VML where the library has it.
/// </summary>
internal sealed unsafe class NativeSymbols<T>
    where T : unmanaged
{
    public readonly delegate* unmanaged<int, int, int, int, int, int, T, T*, int, T*, int, T, T*, int, void> Gemm;
    public readonly delegate* unmanaged<int, int, int, int, T, T*, int, T*, int, T, T*, int, void> Gemv;
    public readonly delegate* unmanaged<int, int, int, int, int, T, T*, int, T, T*, int, void> Syrk;
    public readonly delegate* unmanaged<int*, int*, T*, int*, T*, T*, int*, int*, void> Geqrf;
    public readonly delegate* unmanaged<byte*, int*, int*, T*, int*, T*, T*, int*, T*, int*, T*, int*, int*, int*, nint, void> Gesdd;
    public readonly delegate* unmanaged<byte*, int*, int*, int*, int*, T*, T*, T*, int*, T*, int*, T*, int*, T*, int*, nint, void> Bdsqr;
    public readonly delegate* unmanaged<byte*, byte*, int*, T*, int*, T*, T*, int*, int*, int*, int*, nint, nint, void> Syevd;
    public readonly delegate* unmanaged<byte*, int*, T*, int*, int*, nint, void> Potrf;
    public readonly delegate* unmanaged<byte*, int*, int*, T*, int*, T*, int*, int*, nint, void> Potrs;
    public readonly delegate* unmanaged<int*, int*, T*, int*, int*, int*, void> Getrf;
    public readonly delegate* unmanaged<int*, T*, int*, int*, T*, int*, int*, void> Getri;
    public readonly delegate* unmanaged<byte*, int*, int*, T*, int*, int*, T*, int*, int*, nint, void> Getrs;

    /// <summary>The vector functions of VML; null where the library has none.</summary>
    public readonly delegate* unmanaged<int, T*, T*, void> Tanh, Erf, Exp, Sin;

    /// <summary>MKL's number of threads of the calling thread, the former one returned; null where the library has none.</summary>
    public readonly delegate* unmanaged<int, int> SetThreadsLocal;

    /// <exception cref="EntryPointNotFoundException">The library lacks one of the functions; the message names it.</exception>
    public NativeSymbols(nint library)
    {
        var p = typeof(T) == typeof(double) ? "d" : "s";
        Gemm = (delegate* unmanaged<int, int, int, int, int, int, T, T*, int, T*, int, T, T*, int, void>)Find($"cblas_{p}gemm");
        Gemv = (delegate* unmanaged<int, int, int, int, T, T*, int, T*, int, T, T*, int, void>)Find($"cblas_{p}gemv");
        Syrk = (delegate* unmanaged<int, int, int, int, int, T, T*, int, T, T*, int, void>)Find($"cblas_{p}syrk");
        Geqrf = (delegate* unmanaged<int*, int*, T*, int*, T*, T*, int*, int*, void>)Find($"{p}geqrf_");
        Gesdd = (delegate* unmanaged<byte*, int*, int*, T*, int*, T*, T*, int*, T*, int*, T*, int*, int*, int*, nint, void>)
            Find($"{p}gesdd_");
        Bdsqr = (delegate* unmanaged<byte*, int*, int*, int*, int*, T*, T*, T*, int*, T*, int*, T*, int*, T*, int*, nint, void>)
            Find($"{p}bdsqr_");
        Syevd = (delegate* unmanaged<byte*, byte*, int*, T*, int*, T*, T*, int*, int*, int*, int*, nint, nint, void>)Find($"{p}syevd_");
        Potrf = (delegate* unmanaged<byte*, int*, T*, int*, int*, nint, void>)Find($"{p}potrf_");
        Potrs = (delegate* unmanaged<byte*, int*, int*, T*, int*, T*, int*, int*, nint, void>)Find($"{p}potrs_");
        Getrf = (delegate* unmanaged<int*, int*, T*, int*, int*, int*, void>)Find($"{p}getrf_");
        Getri = (delegate* unmanaged<int*, T*, int*, int*, T*, int*, int*, void>)Find($"{p}getri_");
        Getrs = (delegate* unmanaged<byte*, int*, int*, T*, int*, int*, T*, int*, int*, nint, void>)Find($"{p}getrs_");
        Tanh = (delegate* unmanaged<int, T*, T*, void>)FindOptional($"v{p}Tanh");
        Erf = (delegate* unmanaged<int, T*, T*, void>)FindOptional($"v{p}Erf");
        Exp = (delegate* unmanaged<int, T*, T*, void>)FindOptional($"v{p}Exp");
        Sin = (delegate* unmanaged<int, T*, T*, void>)FindOptional($"v{p}Sin");
        SetThreadsLocal = (delegate* unmanaged<int, int>)FindOptional("MKL_Set_Num_Threads_Local");

        nint Find(string name) => NativeLibrary.GetExport(library, name);
        nint FindOptional(string name) => NativeLibrary.TryGetExport(library, name, out var address) ? address : 0;
    }
}
