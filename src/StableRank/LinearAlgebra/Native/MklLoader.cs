using System.Runtime.InteropServices;
using System.Text;

namespace StableRank.LinearAlgebra.Native;

/// <summary>
/// Loads mkl_rt. It picks its interface and threading layer at its first call, and a layer whose OpenMP runtime or sibling
/// library is missing ends the process without an exception: so everything it will need is checked before the first call.
/// </summary>
internal static unsafe class MklLoader
{
    public const string PathVariable = "STABLERANK_MKL_PATH";

    private const int SequentialLayer = 1, GnuLayer = 3, Lp64Interface = 0;

    private static readonly string[] Names = OperatingSystem.IsWindows()
        ? ["mkl_rt.2.dll", "mkl_rt.1.dll", "mkl_rt.dll"]
        : ["libmkl_rt.so.2", "libmkl_rt.so.1", "libmkl_rt.so"];

    /// <summary>On Windows the interface is inside mkl_rt itself.</summary>
    private static readonly string[] NeededSiblings = OperatingSystem.IsWindows()
        ? ["mkl_core", "mkl_def"]
        : ["mkl_core", "mkl_intel_lp64", "mkl_def"];

    /// <summary>Libraries stay loaded, and each is set up once. Guarded by the lock of <see cref="Backend"/>.</summary>
    private static readonly Dictionary<nint, NativeBackend> Loaded = [];

    /// <summary>
    /// Loads the first candidate that works; otherwise null, with every place and its fault in <paramref name="faults"/>.
    /// </summary>
    public static NativeBackend? TryLoad(string? path, string cacheFolder, int threads, List<string> faults)
    {
        foreach (var candidate in LibraryProbe.Candidates(path, PathVariable, [Path.Combine(cacheFolder, "mkl")], Names))
        {
            // found and checked before it is loaded: a library that is refused must not stay in the process
            if (!LibraryProbe.TryLocate(candidate, out var file, out var fault))
            {
                faults.Add(fault);
                continue;
            }

            var notes = new List<string>();
            var layer = SequentialLayer;
            if ((MissingSibling(file) ?? ChooseLayer(file, notes, out layer)) is { } missing)
            {
                faults.Add($"{file ?? candidate}: there, but {missing}");
                continue;
            }

            if (!LibraryProbe.TryLoad(file ?? candidate, out var library, out fault))
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
                return Loaded[library] = SetUp(library, file, threads, layer, notes);
            }
            catch (EntryPointNotFoundException e)
            {
                faults.Add($"{candidate}: not a complete MKL ({e.Message})");
            }
        }

        return null;
    }

    private static NativeBackend SetUp(nint library, string? file, int threads, int wanted, List<string> notes)
    {
        var setThreadingLayer = (delegate* unmanaged<int, int>)NativeLibrary.GetExport(library, "MKL_Set_Threading_Layer");
        var setInterfaceLayer = (delegate* unmanaged<int, int>)NativeLibrary.GetExport(library, "MKL_Set_Interface_Layer");
        var setThreads = (delegate* unmanaged<int, void>)NativeLibrary.GetExport(library, "MKL_Set_Num_Threads");
        var maxThreads = (delegate* unmanaged<int>)NativeLibrary.GetExport(library, "MKL_Get_Max_Threads");
        var setThreadsLocal = NativeLibrary.GetExport(library, "MKL_Set_Num_Threads_Local");
        var version = (delegate* unmanaged<byte*, int, void>)NativeLibrary.GetExport(library, "MKL_Get_Version_String");
        NativeSymbols<double> inDouble = new(library);
        NativeSymbols<float> inSingle = new(library);

        // 32-bit integers whatever MKL_INTERFACE_LAYER says: the binding passes those
        setInterfaceLayer(Lp64Interface);
        var got = setThreadingLayer(wanted);
        if (got != wanted)
        {
            notes.Add($"MKL answered threading layer {got} where {wanted} was asked for; another part of this process had set it up");
        }

        notes.Add(got == GnuLayer ? "threading layer: GNU OpenMP" : $"threading layer: {(got == SequentialLayer ? "sequential" : got)}");
        setThreads(threads);
        var text = stackalloc byte[256];
        version(text, 256);
        var said = Encoding.ASCII.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text)).Trim();
        var most = maxThreads();
        var team = got == GnuLayer ? OpenMpTeam.Find(most) : null;
        return new NativeBackend(
            BackendKind.Mkl, "Intel MKL", said, file, most, notes, inDouble, inSingle, () => EnterSingleThreaded(setThreadsLocal), team);
    }

    /// <summary>The count is MKL's own per thread: other threads do not notice. 0 means "as set for the process".</summary>
    private static Action EnterSingleThreaded(nint setThreadsLocal)
    {
        var former = ((delegate* unmanaged<int, int>)setThreadsLocal)(1);
        return () => ((delegate* unmanaged<int, int>)setThreadsLocal)(former);
    }

    /// <summary>
    /// The GNU threading layer where it and GNU OpenMP are there, else the sequential one with a note; text where neither
    /// can be loaded, which MKL would answer by ending the process.
    /// </summary>
    private static string? ChooseLayer(string? file, List<string> notes, out int layer)
    {
        layer = GnuLayer;
        if (NoOpenMp(file) is not { } reason)
        {
            return null;
        }

        layer = SequentialLayer;
        notes.Add($"MKL runs on one thread: {reason}");
        return file is null || Siblings(file, "mkl_sequential").Length > 0 ? null : $"{reason}, and mkl_sequential is not beside it";
    }

    /// <summary>
    /// Makes GNU OpenMP visible in the global symbol scope, where Debian's mkl_rt looks for it; text where that cannot be.
    /// </summary>
    private static string? NoOpenMp(string? file)
    {
        if (!OperatingSystem.IsLinux())
        {
            return "its OpenMP layers are set up on Linux only";
        }

        if (Siblings(file, "mkl_gnu_thread").Length == 0)
        {
            return "mkl_gnu_thread is not beside it";
        }

        // Idle OpenMP threads would otherwise spin for some ten milliseconds and take the cores from managed work. This count, a few
        // tenths of one, outlasts what stands between two products of a network; for a thread that sleeps after all see OpenMpTeam.
        if (Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
        {
            Libc.SetEnv("GOMP_SPINCOUNT", "8000", overwrite: 0);
        }

        Libc.SetEnv("OMP_WAIT_POLICY", "PASSIVE", overwrite: 0);
        var folder = Path.GetDirectoryName(file);
        if (Libc.DlOpen("libgomp.so.1", Libc.Now | Libc.Global) == 0 && folder is not null)
        {
            Libc.DlOpen(Path.Combine(folder, "libgomp.so.1"), Libc.Now | Libc.Global);
        }

        return Libc.DlSym(0, "omp_get_num_procs") != 0 ? null : "libgomp.so.1 was not found (Debian: libgomp1)";
    }

    /// <summary>What mkl_rt loads at its first call besides the layers; null where all is there or its folder is unknown.</summary>
    private static string? MissingSibling(string? file) =>
        file is not null && NeededSiblings.FirstOrDefault(n => Siblings(file, n).Length == 0) is { } name
            ? $"{name} is not beside it"
            : null;

    private static string[] Siblings(string? file, string stem)
    {
        var folder = Path.GetDirectoryName(file);
        var pattern = OperatingSystem.IsWindows() ? stem + "*.dll" : $"lib{stem}.*";
        return folder is not null && Directory.Exists(folder) ? Directory.GetFiles(folder, pattern) : [];
    }
}
