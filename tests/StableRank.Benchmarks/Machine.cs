using System.Globalization;
using System.Runtime.InteropServices;
using StableRank.LinearAlgebra;

namespace StableRank.Benchmarks;

/// <summary>What the benchmarks ran on, in words.</summary>
internal static class Machine
{
    /// <summary>Lines "name: value", in order.</summary>
    public static IEnumerable<string> Describe()
    {
        var backend = Backend.Describe();
        yield return $"processor: {Field("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString()}, "
            + $"{Environment.ProcessorCount} cores, {Backend.Threads} threads used by either side";
        yield return string.Create(
            CultureInfo.InvariantCulture, $"memory: {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Math.Pow(2, 30):F1} GiB");
        yield return $"system: {Field("/etc/os-release", "PRETTY_NAME")?.Trim('"') ?? RuntimeInformation.OSDescription}, "
            + RuntimeInformation.FrameworkDescription;
        yield return $"ours: StableRank {typeof(Backend).Assembly.GetName().Version!.ToString(3)} on {backend.Name} ({backend.Version})";
        if (File.Exists("/proc/loadavg"))
        {
            yield return $"load of the last 1, 5 and 15 minutes at the start: {string.Join(' ', Words("/proc/loadavg").Take(3))}";
        }
    }

    private static string[] Words(string file) => File.ReadAllText(file).Split(' ');

    private static string? Field(string file, string name) => File.Exists(file)
        ? File.ReadLines(file)
            .Where(line => line.StartsWith(name, StringComparison.Ordinal))
            .Select(line => line[(line.IndexOfAny([':', '=']) + 1)..].Trim())
            .FirstOrDefault()
        : null;
}
