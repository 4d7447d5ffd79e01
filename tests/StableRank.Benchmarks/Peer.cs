using System.Diagnostics;
using System.Globalization;

namespace StableRank.Benchmarks;

/// <summary>A row of peers/peer.py in a warm Python process; each call of <see cref="Run"/> is one timed run.</summary>
internal sealed class Peer : IDisposable
{
    private readonly Process process;

    private Peer(Process process, string versions)
    {
        this.process = process;
        Versions = versions;
    }

    /// <summary>The peer's own versions, such as "numpy 1.24.2 scipy 1.10.1".</summary>
    public string Versions { get; }

    /// <summary>Starts the row; null where Python or one of the packages is missing.</summary>
    public static Peer? TryStart(string row, int threads, string[] arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "peers", "peer.py");
        var start = new ProcessStartInfo("/usr/bin/python3", [script, row, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in new[] { "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS" })
        {
            start.Environment[name] = threads.ToString(CultureInfo.InvariantCulture);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }

        const string Ready = "ready ";
        var greeting = process?.StandardOutput.ReadLine();
        if (process is not null && greeting is not null && greeting.StartsWith(Ready, StringComparison.Ordinal))
        {
            return new Peer(process, greeting[Ready.Length..]);
        }

        process?.Dispose();
        return null;
    }

    /// <summary>One run, in seconds by the peer's own clock.</summary>
    public double Run()
    {
        process.StandardInput.WriteLine("run");
        process.StandardInput.Flush();
        var answer = process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"the peer ended: {process.StandardError.ReadToEnd()}");
        return double.Parse(answer, CultureInfo.InvariantCulture);
    }

    /// <summary>Ends the process.</summary>
    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}
