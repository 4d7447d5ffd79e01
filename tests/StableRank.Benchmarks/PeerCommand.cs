using System.Diagnostics;
using System.Globalization;

namespace StableRank.Benchmarks;

/// <summary>
/// The command "peers [WORD] [--full] [--once]": all rows, where their time goes and how they scale, into the repository's page, or some
/// onto the screen.
/// </summary>
internal static class PeerCommand
{
    private const string FullOption = "--full", OnceOption = "--once";

    /// <summary>Every row there is, those of a full run included.</summary>
    public static IEnumerable<Comparison> Rows() =>
    [
        .. SamplingRows.All(), .. SpectrumRows.All(), .. ForwardRows.All(), .. TrainingRows.All(), .. EmpiricalKernelRows.All(),
        .. KernelRows.All(), .. GradientRankRows.All(), .. RegionRows.All(), .. FileRows.All(),
    ];

    /// <summary>Serves one row to a process that measures it.</summary>
    public static int Serve(string name, string folder)
    {
        var rows = Rows().Concat(ScalingRows.All().SelectMany(series => series.Rows));
        RowProcess.Serve(rows.Single(row => row.Name == name), folder, Console.In, Console.Out);
        return 0;
    }

    /// <summary>Measures.</summary>
    /// <param name="arguments">A word of the names wanted, --full for the largest sizes too, --once to try the rows only.</param>
    /// <returns>0; 1 where no row has the word or the page cannot be written; 2 for arguments that are unknown.</returns>
    public static int Run(string[] arguments)
    {
        if (SuiteArguments.Parse("peers", arguments, FullOption, OnceOption) is not { } wanted)
        {
            return 2;
        }

        var once = wanted.Has(OnceOption);
        var rows = wanted.Pick(Rows().Where(row => !row.Full || wanted.Has(FullOption)), row => row.Name);
        if (rows.Length == 0)
        {
            return 1;
        }

        var writes = wanted.Word is null && !once;
        if (writes && !Directory.Exists(Path.GetDirectoryName(BenchmarkReport.Location)))
        {
            Console.Error.WriteLine(
                $"bench: {Path.GetFullPath(BenchmarkReport.Location)} cannot be written: run it at the root of the repository");
            return 1;
        }

        string[] machine = [.. Machine.Describe()];
        var before = Rates.Measure();
        var measurements = Measure(rows, new PeerComparison(once));
        var after = Rates.Measure();
        if (writes)
        {
            var scaling = ScalingCommand.Section([.. ScalingRows.All()]);
            var parts = PartsReport.Section(PartsRows.All());
            var page = $"{BenchmarkReport.Page(measurements, before, after, machine, DateTimeOffset.UtcNow)}\n{parts}\n{scaling}";
            BenchmarkReport.Write(BenchmarkReport.Location, page);
            Console.Out.Write(page);
            Console.Error.WriteLine($"bench: written to {BenchmarkReport.Location}");
        }
        else
        {
            Console.Out.Write(BenchmarkReport.Table(measurements, before.Best(after)));
        }

        return 0;
    }

    private static List<Measurement> Measure(Comparison[] rows, PeerComparison comparison)
    {
        var start = Stopwatch.GetTimestamp();
        List<Measurement> measurements = [];
        foreach (var row in rows)
        {
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"bench: {measurements.Count + 1} of {rows.Length}, {Stopwatch.GetElapsedTime(start).TotalMinutes:F1} min: {row.Name}"));
            measurements.Add(comparison.Measure(row));
        }

        return measurements;
    }
}
