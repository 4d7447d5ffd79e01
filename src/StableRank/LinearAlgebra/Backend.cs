using System.Globalization;
using MathNet.Numerics.Providers.LinearAlgebra;
using StableRank.LinearAlgebra.Native;

namespace StableRank.LinearAlgebra;

/// <summary>
/// Chooses what computes: Intel MKL, else OpenBLAS, else managed code, loaded on the first use of anything in the library.
/// <para>
/// Environment, read once: STABLERANK_BACKEND (auto, mkl, openblas or managed), STABLERANK_MKL_PATH and STABLERANK_OPENBLAS_PATH
/// (a file or a folder), STABLERANK_THREADS, STABLERANK_CACHE.
/// </para>
/// <para>
/// Reproducibility: for a given backend and version, kind of processor and number of threads, results are the same to the last
/// bit, run after run. Managed products and factorisations do not depend on the number of threads either. Between backends, processors
/// or numbers of threads, results agree to rounding (eps times dimension times scale). Where they must not depend on the number of
/// threads of a native library, open <see cref="SingleThreaded"/> and put the parallelism over replicates.
/// </para>
/// <para>
/// A backend is also put under MathNet's own matrices (<see cref="LinearAlgebraControl.Provider"/>), but only in the place of
/// MathNet's managed provider: one that the user has set stays. All members may be called from any thread.
/// </para>
/// </summary>
public static class Backend
{
    private const string MklRemedy =
        "Run `./build.sh setup` in the repository or `stablerank setup` (fetches MKL into the cache folder, without root), " +
        "or name an installed libmkl_rt (file or folder) in " + MklLoader.PathVariable + ".";

    private const string OpenBlasRemedy =
        "Install it (Debian and Ubuntu: apt install libopenblas0-pthread), or name an installed library (file or folder) in " +
        OpenBlasLoader.PathVariable + ".";

    private static readonly Lock Gate = new();

    private static volatile LoadedBackend? active;

    /// <summary>The backend in use; loads one if none is yet.</summary>
    public static BackendKind Current => Active.Description.Kind;

    /// <summary>
    /// The number of threads that one operation may use: STABLERANK_THREADS where that is a whole number of at least 1, else the number of
    /// processors. Fixed at the first use of the library.
    /// </summary>
    public static int Threads { get; } = ReadThreads();

    /// <summary>
    /// Where MKL (subfolder mkl) and data sets are kept: $STABLERANK_CACHE, else $XDG_CACHE_HOME/stablerank, else ~/.cache/stablerank.
    /// The folder need not exist.
    /// </summary>
    public static string CacheFolder { get; } =
        LibraryProbe.NonEmpty(Environment.GetEnvironmentVariable("STABLERANK_CACHE"))
        ?? Path.Combine(
            LibraryProbe.NonEmpty(Environment.GetEnvironmentVariable("XDG_CACHE_HOME"))
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
            "stablerank");

    /// <summary>The threads that the calling thread may use: 1 inside <see cref="SingleThreaded"/>.</summary>
    internal static int ThreadsHere => SingleThreadedScope.IsOpen ? 1 : Threads;

    /// <summary>The backend in use, loaded on demand.</summary>
    internal static LoadedBackend Active => active ?? LoadFirst();

    /// <summary>
    /// MKL, else OpenBLAS, else managed code. Never fails; where managed code is left, <see cref="Describe"/> notes what was tried.
    /// </summary>
    public static void UseAutomatic()
    {
        lock (Gate)
        {
            Activate(LoadBest());
        }
    }

    /// <summary>Intel MKL from here on.</summary>
    /// <param name="path">The file libmkl_rt, or its folder; null: STABLERANK_MKL_PATH, else the cache folder, else the system's
    /// own.</param>
    /// <exception cref="BackendNotFoundException">MKL could not be loaded; the message lists what was probed and says what
    /// helps.</exception>
    public static void UseMkl(string? path = null) => Require(BackendKind.Mkl, path);

    /// <summary>OpenBLAS from here on.</summary>
    /// <param name="path">The file libopenblas, or its folder; null: STABLERANK_OPENBLAS_PATH, else the cache folder, else the system's
    /// own.</param>
    /// <exception cref="BackendNotFoundException">OpenBLAS could not be loaded; the message lists what was probed and says what
    /// helps.</exception>
    public static void UseOpenBlas(string? path = null) => Require(BackendKind.OpenBlas, path);

    /// <summary>Managed code from here on; MathNet's managed provider is put back where ours stood.</summary>
    public static void UseManaged()
    {
        lock (Gate)
        {
            Activate(LoadedBackend.Managed(Threads));
        }
    }

    /// <summary>As <see cref="UseMkl"/>, but where MKL cannot be loaded returns false and leaves everything as it was.</summary>
    /// <param name="path">As for <see cref="UseMkl"/>.</param>
    public static bool TryUseMkl(string? path = null) => TryUse(BackendKind.Mkl, path);

    /// <summary>As <see cref="UseOpenBlas"/>, but where OpenBLAS cannot be loaded returns false and leaves everything as it was.</summary>
    /// <param name="path">As for <see cref="UseOpenBlas"/>.</param>
    public static bool TryUseOpenBlas(string? path = null) => TryUse(BackendKind.OpenBlas, path);

    /// <summary>What is in use: backend, the library's own version text, threads, file, circumstances.</summary>
    public static BackendDescription Describe()
    {
        var loaded = Active;
        var provider = LinearAlgebraControl.Provider;
        var underMathNet = loaded.Description.Kind == BackendKind.Managed
            ? provider is ManagedLinearAlgebraProvider
            : ReferenceEquals(provider, loaded.Provider);
        return underMathNet
            ? loaded.Description
            : loaded.Description with
            {
                Notes = [.. loaded.Description.Notes, $"MathNet's own operations use the provider that was set: {provider}"],
            };
    }

    /// <summary>
    /// Confines the linear algebra of the calling thread to that thread until the returned scope is disposed, on the same thread;
    /// scopes nest. For replicates that run in parallel, each on its own thread.
    /// <para>
    /// On OpenBLAS, which has one count for the process, every thread is confined while any scope is open.
    /// </para>
    /// </summary>
    public static IDisposable SingleThreaded() => Active.SingleThreaded();

    /// <summary>Uses a backend that was loaded before; for tests, which change it and put the former one back.</summary>
    internal static void Use(LoadedBackend loaded)
    {
        lock (Gate)
        {
            Activate(loaded);
        }
    }

    private static LoadedBackend LoadFirst()
    {
        lock (Gate)
        {
            if (active is null)
            {
                Activate(LoadNamed(Environment.GetEnvironmentVariable("STABLERANK_BACKEND")));
            }

            return active!;
        }
    }

    /// <summary>What a value of STABLERANK_BACKEND stands for; where it names a library, that one or none.</summary>
    internal static LoadedBackend LoadNamed(string? name) => LibraryProbe.NonEmpty(name)?.Trim().ToLowerInvariant() switch
    {
        null or "auto" => LoadBest(),
        "mkl" => LoadRequired(BackendKind.Mkl, null),
        "openblas" => LoadRequired(BackendKind.OpenBlas, null),
        "managed" => LoadedBackend.Managed(Threads),
        _ => throw new InvalidOperationException($"STABLERANK_BACKEND is '{name}'; expected auto, mkl, openblas or managed."),
    };

    private static LoadedBackend LoadBest()
    {
        var faults = new List<string>();
        return Load(BackendKind.Mkl, null, faults) ?? Load(BackendKind.OpenBlas, null, faults)
            ?? LoadedBackend.Managed(Threads, faults);
    }

    private static LoadedBackend LoadRequired(BackendKind kind, string? path)
    {
        var faults = new List<string>();
        return Load(kind, path, faults)
            ?? throw new BackendNotFoundException(kind, faults, kind == BackendKind.Mkl ? MklRemedy : OpenBlasRemedy);
    }

    private static void Require(BackendKind kind, string? path)
    {
        lock (Gate)
        {
            Activate(LoadRequired(kind, path));
        }
    }

    private static bool TryUse(BackendKind kind, string? path)
    {
        lock (Gate)
        {
            if (Load(kind, path, []) is not { } loaded)
            {
                return false;
            }

            Activate(loaded);
            return true;
        }
    }

    /// <summary>Loads without using; null where it is not to be had.</summary>
    internal static LoadedBackend? Load(BackendKind kind, string? path, List<string> faults)
    {
        if (kind == BackendKind.Managed)
        {
            return LoadedBackend.Managed(Threads);
        }

        lock (Gate)
        {
            var native = kind == BackendKind.Mkl
                ? MklLoader.TryLoad(path, CacheFolder, Threads, faults)
                : OpenBlasLoader.TryLoad(path, CacheFolder, Threads, faults);
            return native is null ? null : LoadedBackend.Native(native);
        }
    }

    private static void Activate(LoadedBackend loaded)
    {
        var provider = LinearAlgebraControl.Provider;
        if (provider is ManagedLinearAlgebraProvider or BackendLinearAlgebraProvider)
        {
            if (loaded.Description.Kind != BackendKind.Managed)
            {
                LinearAlgebraControl.Provider = loaded.Provider;
            }
            else if (provider is BackendLinearAlgebraProvider)
            {
                LinearAlgebraControl.UseManaged();
            }
        }

        active = loaded;
    }

    private static int ReadThreads() =>
        int.TryParse(Environment.GetEnvironmentVariable("STABLERANK_THREADS"), CultureInfo.InvariantCulture, out var threads)
        && threads >= 1
            ? threads
            : Environment.ProcessorCount;
}
