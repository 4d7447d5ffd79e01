namespace StableRank.LinearAlgebra.Native;

/// <summary>A native library that has been loaded and set up: its symbols, what it says of itself, its thread controls.</summary>
/// <param name="Kind">MKL or OpenBLAS.</param>
/// <param name="Name">Its name for a reader.</param>
/// <param name="Version">What it says of its version.</param>
/// <param name="Path">The file it came from; null where the system does not tell.</param>
/// <param name="Threads">The threads it was told to use.</param>
/// <param name="Notes">Circumstances for <see cref="BackendDescription.Notes"/>.</param>
/// <param name="Double">The functions in double precision.</param>
/// <param name="Single">The functions in single precision.</param>
/// <param name="EnterSingleThreaded">Confines calls to one thread; returns what takes that back.</param>
/// <param name="Team">The threads of its products, where they must be looked after; else null.</param>
internal sealed record NativeBackend(
    BackendKind Kind,
    string Name,
    string Version,
    string? Path,
    int Threads,
    IReadOnlyList<string> Notes,
    NativeSymbols<double> Double,
    NativeSymbols<float> Single,
    Func<Action> EnterSingleThreaded,
    OpenMpTeam? Team = null);
