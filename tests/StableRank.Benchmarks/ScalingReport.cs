using System.Globalization;
using System.Text;
using StableRank.LinearAlgebra;

namespace StableRank.Benchmarks;

/// <summary>The section "Scaling" of the page: exponents, times at every size, start-up, and what follows from them.</summary>
internal static class ScalingReport
{
    /// <summary>How far a fitted exponent may lie from that of the operations before it is named.</summary>
    private const double Apart = 0.25;

    private const string Reading = """
        How times and memory grow, of ours alone, in double: each size in two warm processes, one confined to one thread and one with
        all, in turn; a time is the median of its runs. An exponent is the slope of log time over log size through the largest three
        sizes, and beside it stands that of the operations, counted. Memory is measured as above. Replicates of Monte Carlo runs are so
        small that each has one thread; there the threads are workers.
        """;

    /// <summary>The section.</summary>
    public static string Section(IReadOnlyList<ScalingMeasurement> measurements, IReadOnlyList<StartUp> starts)
    {
        var text = new StringBuilder("## Scaling\n\n").Append(Reading).Append("\n\n");
        Exponents(text, measurements);
        Sizes(text.Append('\n'), measurements);
        text.Append('\n');
        Remarks(measurements).ToList().ForEach(remark => text.Append(CultureInfo.InvariantCulture, $"- {remark}\n"));
        StartUps(text.Append('\n'), starts);
        return text.ToString();
    }

    /// <summary>What the numbers say, computed from them.</summary>
    public static IEnumerable<string> Remarks(IReadOnlyList<ScalingMeasurement> measurements)
    {
        foreach (var m in measurements)
        {
            if (m.One.Concat(m.All).FirstOrDefault(timing => timing.Failure is not null) is { Failure: { } failure })
            {
                yield return $"{m.Series.Task}: not all sizes run: {failure}.";
                continue;
            }

            foreach (var (exponent, threads) in new[] { (m.ExponentOfOne, 1), (m.ExponentOfAll, Backend.Threads) }.Distinct())
            {
                if (Math.Abs(exponent - m.Predicted) > Apart)
                {
                    yield return $"{m.Series.Task}: on {Threads(threads)} the time grows with {m.Series.Variable} to the "
                        + $"{Exponent(exponent)}, {(exponent > m.Predicted ? "faster" : "more slowly")} than the operations do "
                        + $"({Exponent(m.Predicted)}).";
                }
            }

            if (m.Series.Variable == "replicates")
            {
                var (first, last) = (m.Series.Sizes[0], m.Series.Sizes[^1]);
                yield return $"{m.Series.Task}: from {first} to {last} replicates the peak memory, with what is not yet collected, "
                    + $"changes by {Signed(m.One[^1].Mebibytes - m.One[0].Mebibytes)} MiB on one thread, by "
                    + $"{Signed(m.All[^1].Mebibytes - m.All[0].Mebibytes)} MiB on {Threads(Backend.Threads)}.";
            }
        }

        var whole = measurements.Where(m => !double.IsNaN(m.SpeedUp(m.One.Count - 1))).ToArray();
        if (whole.Length > 0 && Backend.Threads > 1)
        {
            var least = whole.MinBy(m => m.SpeedUp(m.One.Count - 1))!;
            var greatest = whole.MaxBy(m => m.SpeedUp(m.One.Count - 1))!;
            yield return $"{Threads(Backend.Threads)} are {Number(least.SpeedUp(least.One.Count - 1))} times ({least.Series.Task}) to "
                + $"{Number(greatest.SpeedUp(greatest.One.Count - 1))} times ({greatest.Series.Task}) as fast as one at the largest sizes.";
        }
    }

    private static void Exponents(StringBuilder text, IReadOnlyList<ScalingMeasurement> measurements)
    {
        text.Append(CultureInfo.InvariantCulture, $"| task | grows with | fitted over | exponent, 1 thread | {Threads(Backend.Threads)} ")
            .Append("| of the operations | speed-up at the largest |\n|---|---|---|---|---|---|---|\n");
        foreach (var m in measurements)
        {
            var from = m.Series.Sizes[^Math.Min(ScalingMeasurement.Fitted, m.Series.Sizes.Length)];
            text.Append(CultureInfo.InvariantCulture, $"| {m.Series.Task} | {m.Series.Variable} | {from} to {m.Series.Sizes[^1]} ")
                .Append(CultureInfo.InvariantCulture, $"| {Exponent(m.ExponentOfOne)} | {Exponent(m.ExponentOfAll)} ")
                .Append(CultureInfo.InvariantCulture, $"| {Exponent(m.Predicted)} | {Number(m.SpeedUp(m.One.Count - 1))} |\n");
        }
    }

    private static void Sizes(StringBuilder text, IReadOnlyList<ScalingMeasurement> measurements)
    {
        var threads = Threads(Backend.Threads);
        text.Append(CultureInfo.InvariantCulture, $"| task | size | 1 thread, ms | {threads}, ms | speed-up | {threads}, GFLOP/s ")
            .Append(CultureInfo.InvariantCulture, $"| 1 thread, MiB | {threads}, MiB | runs |\n|---|---|---|---|---|---|---|---|---|\n");
        foreach (var m in measurements)
        {
            for (var i = 0; i < m.One.Count; i++)
            {
                var (one, all) = (m.One[i], m.All[i]);
                string[] cells =
                [
                    m.Series.Task, $"{m.Series.Variable} {m.Series.Sizes[i]}", Number(one.Median * 1e3), Number(all.Median * 1e3),
                    Number(m.SpeedUp(i)), Number(m.Rate(i) / 1e9), Memory(one), Memory(all),
                    all.Seconds.Length.ToString(CultureInfo.InvariantCulture),
                ];
                text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
            }
        }
    }

    private static void StartUps(StringBuilder text, IReadOnlyList<StartUp> starts)
    {
        text.Append("| whole process | ms | least to greatest | target, ms | met | runs |\n|---|---|---|---|---|---|\n");
        foreach (var start in starts)
        {
            string[] cells = start.Timing.Failure is { } failure
                ? [start.Command, $"not run: {failure}", "–", Number(start.Target * 1e3), "not measured", "0"]
                :
                [
                    start.Command, Number(start.Timing.Median * 1e3),
                    $"{Number(start.Timing.Seconds.Min() * 1e3)} to {Number(start.Timing.Seconds.Max() * 1e3)}",
                    Number(start.Target * 1e3), start.Timing.Median <= start.Target ? "yes" : "no",
                    start.Timing.Seconds.Length.ToString(CultureInfo.InvariantCulture),
                ];
            text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        }
    }

    private static string Threads(int count) => count == 1 ? "1 thread" : $"{count} threads";

    private static string Number(double value) => BenchmarkTable.Number(value);

    private static string Exponent(double value) => double.IsNaN(value) ? "–" : value.ToString("F2", CultureInfo.InvariantCulture);

    private static string Signed(double value) => value.ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    private static string Memory(Timing timing) => Number(timing.Mebibytes);
}
