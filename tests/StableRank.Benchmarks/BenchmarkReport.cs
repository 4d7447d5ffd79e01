using System.Globalization;
using System.Text;
using StableRank.Data;

namespace StableRank.Benchmarks;

/// <summary>The page docs/benchmarks.md: the table, what it was measured on, and how it is read.</summary>
internal static class BenchmarkReport
{
    /// <summary>The page, from the root of the repository.</summary>
    public const string Location = "docs/benchmarks.md";

    private const string Reading = """
        Ours and the peer run in turn, A B A B, each in a warm process of its own, on the same sizes, precision and number of threads; a
        run goes on for a quarter of a second at least, of training for a number of steps; a time is the median of the runs, and a ratio the
        median of the peer's time over ours, run by run, with the least and the greatest. The peer, a function of
        `tests/StableRank.Benchmarks/peers/peer.py`, runs on the library that Debian gives it and on the MKL that ours computes on, put
        before it with LD_PRELOAD; where ours is not MKL there is no such column. A target of a ratio is met where it is met on both.

        The floor is the larger of two times: the operations that the task cannot do without over the rate of a product of matrices of 1024,
        and the bytes that it must read and write over the bandwidth of a sum of arrays in memory. Tasks of which neither is counted have
        none. Memory is the greatest resident memory (VmHWM) less what the process took (VmRSS) before its inputs were made, when the
        runtime and the library had been loaded: inputs, work and results together, of ours with what is not yet collected; of the peer that
        on Debian's library.
        """;

    /// <summary>Writes the page, whole or not at all.</summary>
    public static void Write(string path, string page) =>
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(page)));

    /// <summary>The page.</summary>
    /// <param name="measurements">The rows.</param>
    /// <param name="before">Rates before the first row.</param>
    /// <param name="after">Rates after the last.</param>
    /// <param name="machine">What it was measured on, a line each.</param>
    /// <param name="date">When it ended.</param>
    public static string Page(
        IReadOnlyList<Measurement> measurements, Rates before, Rates after, IEnumerable<string> machine, DateTimeOffset date)
    {
        var text = new StringBuilder("# Benchmarks\n\nWritten by `./build.sh bench`; do not edit.\n\n");
        text.Append(CultureInfo.InvariantCulture, $"- date: {date:yyyy-MM-dd HH:mm} UTC\n");
        foreach (var line in machine)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {line}\n");
        }

        foreach (var versions in measurements.SelectMany(m => m.Peers).Select(peer => peer.Versions).Where(v => v.Length > 0).Distinct())
        {
            text.Append(CultureInfo.InvariantCulture, $"- peer: {versions}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"- product of matrices, before and after: {Giga(before.Double, after.Double)} GFLOP/s ")
            .Append(CultureInfo.InvariantCulture, $"in double, {Giga(before.Single, after.Single)} in single precision\n")
            .Append(CultureInfo.InvariantCulture, $"- bandwidth, before and after: {Giga(before.Bandwidth, after.Bandwidth)} GB/s\n\n")
            .Append(Reading).Append("\n\n");
        return text.Append(Table(measurements, before.Best(after))).ToString();
    }

    /// <summary>The table, how many targets are met, and the notes.</summary>
    public static string Table(IReadOnlyList<Measurement> measurements, Rates rates)
    {
        var text = new StringBuilder();
        BenchmarkTable.Header.ToList().ForEach(line => text.Append(line).Append('\n'));
        List<(string Name, string Verdict)> targets = [];
        foreach (var measurement in measurements)
        {
            var floor = rates.Floor(measurement.Row);
            text.Append(BenchmarkTable.Row(measurement, floor)).Append('\n');
            if (measurement.Row.Target is not null || measurement.Row.FloorTarget is not null)
            {
                targets.Add((measurement.Row.Name, BenchmarkTable.Verdict(measurement, floor)));
            }
        }

        if (targets.Count > 0)
        {
            var missed = targets.Where(target => target.Verdict.Split("; ").Any(part => part != "yes")).ToArray();
            var met = targets.Count - missed.Length;
            text.Append(CultureInfo.InvariantCulture, $"\n{met} of {targets.Count} rows with targets meet them.\n");
            text.Append(missed.Length > 0 ? "Not met, or not measured:\n\n" : "");
            missed.ToList().ForEach(m => text.Append(CultureInfo.InvariantCulture, $"- {m.Name}: {m.Verdict}\n"));
        }

        var notes = measurements.SelectMany(measurement => measurement.Notes).ToArray();
        if (notes.Length > 0)
        {
            text.Append("\nNotes:\n\n");
            notes.ToList().ForEach(note => text.Append(CultureInfo.InvariantCulture, $"- {note}\n"));
        }

        return text.ToString();
    }

    private static string Giga(double before, double after) =>
        string.Create(CultureInfo.InvariantCulture, $"{before / 1e9:F0} and {after / 1e9:F0}");
}
