namespace StableRank.Tool.Output;

/// <summary>What <c>info</c> tells.</summary>
/// <param name="Version">The tool's own version.</param>
/// <param name="Backend">managed, openblas or mkl.</param>
/// <param name="BackendName">The backend's full name.</param>
/// <param name="BackendVersion">The backend's version, as it tells it.</param>
/// <param name="Threads">Threads of the backend.</param>
/// <param name="LibraryPath">The native library loaded; null for the managed backend.</param>
/// <param name="GemmSize">Order of the square matrices whose product was timed.</param>
/// <param name="GemmGigaflopsDouble">10^9 floating-point operations a second in double, the best of the repetitions.</param>
/// <param name="GemmGigaflopsSingle">The same in single precision.</param>
/// <param name="CacheFolder">Where <c>setup</c> puts MKL and Fashion-MNIST.</param>
/// <param name="Processor">The machine's architecture and number of logical processors.</param>
/// <param name="Runtime">The .NET runtime.</param>
/// <param name="Notes">What the search for a backend had to remark.</param>
internal sealed record InfoReport(
    string Version, string Backend, string BackendName, string BackendVersion, int Threads, string? LibraryPath, int GemmSize,
    double GemmGigaflopsDouble, double GemmGigaflopsSingle, string CacheFolder, string Processor, string Runtime,
    IReadOnlyList<string> Notes);
