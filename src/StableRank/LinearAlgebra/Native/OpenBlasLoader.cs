using System.Runtime.InteropServices;

namespace StableRank.LinearAlgebra.Native;

/// <summary>Loads OpenBLAS, with the LAPACK that Debian and most others build into it.</summary>
internal static unsafe class OpenBlasLoader
{
    public const string PathVariable = "STABLERANK_OPENBLAS_PATH";

    private static readonly Lock Gate = new();

    private static readonly string[] Names = OperatingSystem.IsWindows()
        ? ["libopenblas.dll", "openblas.dll"]
        : OperatingSystem.IsMacOS() ? ["libopenblas.0.dylib", "libopenblas.dylib"] : ["libopenblas.so.0", "libopenblas.so"];

    /// <summary>Libraries stay loaded, and each is set up once. Guarded by the lock of <see cref="Backend"/>.</summary>
    private static readonly Dictionary<nint, NativeBackend> Loaded = [];

    private static int openScopes;

    /// <summary>
    /// Loads the first candidate that works; otherwise null, with every place and its fault in <paramref name="faults"/>.
    /// </summary>
    public static NativeBackend? TryLoad(string? path, string cacheFolder, int threads, List<string> faults)
    {
        foreach (var candidate in LibraryProbe.Candidates(path, PathVariable, [Path.Combine(cacheFolder, "openblas")], Names))
        {
            if (!LibraryProbe.TryLoad(candidate, out var library, out var fault))
            {
                faults.Add(fault);
                continue;
            }

            if (Loaded.TryGetValue(library, out var before))
            {
                return before;
            }

            try
            {
                return Loaded[library] = SetUp(library, LibraryProbe.LoadedFile(candidate), threads);
            }
            catch (EntryPointNotFoundException e)
            {
                faults.Add($"{candidate}: not an OpenBLAS with LAPACK ({e.Message})");
            }
        }

        return null;
    }

    private static NativeBackend SetUp(nint library, string? file, int threads)
    {
        var setThreads = NativeLibrary.GetExport(library, "openblas_set_num_threads");
        var getThreads = (delegate* unmanaged<int>)NativeLibrary.GetExport(library, "openblas_get_num_threads");
        var config = (delegate* unmanaged<byte*>)NativeLibrary.GetExport(library, "openblas_get_config");
        NativeSymbols<double> inDouble = new(library);
        NativeSymbols<float> inSingle = new(library);
        ((delegate* unmanaged<int, void>)setThreads)(threads);
        var version = Marshal.PtrToStringUTF8((nint)config())?.Trim() ?? "unknown version";
        return new NativeBackend(
            BackendKind.OpenBlas,
            "OpenBLAS",
            version,
            file,
            getThreads(),
            ["single-threaded scopes confine the whole process while one is open: OpenBLAS has one thread count"],
            inDouble,
            inSingle,
            () => EnterSingleThreaded(setThreads, threads));
    }

    /// <summary>One count for the process: the first scope lowers it, the last to close restores it.</summary>
    private static Action EnterSingleThreaded(nint setThreads, int threads)
    {
        lock (Gate)
        {
            if (openScopes++ == 0)
            {
                ((delegate* unmanaged<int, void>)setThreads)(1);
            }
        }

        return () =>
        {
            lock (Gate)
            {
                if (--openScopes == 0)
                {
                    ((delegate* unmanaged<int, void>)setThreads)(threads);
                }
            }
        };
    }
}
