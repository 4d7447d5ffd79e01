using System.Globalization;

namespace StableRank.Benchmarks;

/// <summary>The greatest resident memory of this process since its inputs were about to be prepared, as Linux counts it.</summary>
internal sealed class ProcessMemory
{
    private const string Status = "/proc/self/status", Reset = "/proc/self/clear_refs";

    private readonly double before;

    /// <summary>Starts counting here.</summary>
    public ProcessMemory()
    {
        before = double.NaN;
        if (!File.Exists(Status) || !File.Exists(Reset))
        {
            return;
        }

        try
        {
            using var stream = new FileStream(Reset, FileMode.Open, FileAccess.Write);
            stream.Write("5"u8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // the peak cannot be set back here, so that it would be the start's: it stays unknown
            return;
        }

        before = Read("VmRSS:");
    }

    /// <summary>Mebibytes that were taken at most since then; NaN where the system does not tell.</summary>
    public double Mebibytes => double.IsNaN(before) ? double.NaN : Math.Max(0, Read("VmHWM:") - before);

    private static double Read(string name)
    {
        var line = File.ReadLines(Status).First(line => line.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024;
    }
}
