using System.Diagnostics;
using System.Globalization;
using StableRank.LinearAlgebra;

namespace StableRank.Benchmarks;

/// <summary>The peer's side of a comparison: a function of peers/peer.py in a process of Debian's Python.</summary>
internal static class PeerProcess
{
    private const string Python = "/usr/bin/python3";

    /// <summary>
    /// What the peer computes on, by name, with the variables for its process: our MKL where ours is MKL, and what Debian gave it.
    /// </summary>
    public static IEnumerable<(string Name, Dictionary<string, string> Variables)> Libraries()
    {
        var backend = Backend.Describe();
        if (backend is { Kind: BackendKind.Mkl, LibraryPath: { } library })
        {
            // Debian's MKL takes its threads from an OpenMP runtime that must be there first
            yield return (PeerNames.OurMkl, new() { ["LD_PRELOAD"] = $"libgomp.so.1:{library}", ["MKL_THREADING_LAYER"] = "GNU" });
        }

        yield return (PeerNames.ItsOwn, []);
    }

    /// <summary>Starts a row's peer.</summary>
    /// <param name="row">A row that has one.</param>
    /// <param name="folder">Where the row's inputs are.</param>
    /// <param name="variables">Variables for its process.</param>
    /// <exception cref="InvalidOperationException">Python or a package is missing; the message says which.</exception>
    public static TimedProcess Start(Comparison row, string folder, IReadOnlyDictionary<string, string> variables)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "peers", "peer.py");
        var repeats = row.Repeats.ToString(CultureInfo.InvariantCulture);
        var seconds = row.LeastSeconds.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(Python, [script, row.PeerRow!, repeats, seconds, folder, .. row.PeerArguments]);
        foreach (var name in new[] { "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS" })
        {
            start.Environment[name] = Backend.Threads.ToString(CultureInfo.InvariantCulture);
        }

        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        return TimedProcess.Start(start);
    }
}
