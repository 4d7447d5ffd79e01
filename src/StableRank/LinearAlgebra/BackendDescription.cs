namespace StableRank.LinearAlgebra;

/// <summary>What the library computes with, in words for a report or a log.</summary>
/// <param name="Kind">The backend in use.</param>
/// <param name="Name">Its name for a reader, for example "Intel MKL".</param>
/// <param name="Version">What the native library itself says of its version and build; for managed code the version of
/// MathNet.Numerics.</param>
/// <param name="Threads">The number of threads that one operation may use.</param>
/// <param name="LibraryPath">The file that was loaded; null for managed code, or where the system does not tell.</param>
/// <param name="Notes">Circumstances worth knowing: the threading layer, a library that was tried and not found, a provider of the user
/// that was kept.</param>
public sealed record BackendDescription(
    BackendKind Kind, string Name, string Version, int Threads, string? LibraryPath, IReadOnlyList<string> Notes)
{
    /// <summary>One readable line: name, version, threads and file.</summary>
    public override string ToString() =>
        $"{Name} ({Version}), {Threads} thread{(Threads == 1 ? "" : "s")}{(LibraryPath is null ? "" : $", {LibraryPath}")}";
}
