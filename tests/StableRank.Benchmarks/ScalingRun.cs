using System.Diagnostics;
using System.Globalization;
using StableRank.LinearAlgebra;

namespace StableRank.Benchmarks;

/// <summary>Times rows on one thread and on all in turn, each in a warm process of its own.</summary>
/// <param name="once">One run a row and none before it: whether the rows work, not how fast they are.</param>
internal sealed class ScalingRun(bool once)
{
    private const int LeastRounds = 2, MostRounds = 5;

    /// <summary>
    /// How long a process runs before runs count: compiled code becomes final in the background, a tenth of a second after the last method
    /// was new.
    /// </summary>
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(0.5);

    private static readonly TimeSpan RoundBudget = TimeSpan.FromSeconds(0.7);

    /// <summary>Measures the series, each from its smallest size.</summary>
    public IReadOnlyList<ScalingMeasurement> Measure(IReadOnlyList<ScalingSeries> series)
    {
        var start = Stopwatch.GetTimestamp();
        List<ScalingMeasurement> result = [];
        foreach (var one in series)
        {
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"bench: scaling {result.Count + 1} of {series.Count}, {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s: {one.Task}"));
            var timings = one.Rows.Select(Measure).ToArray();
            result.Add(new ScalingMeasurement(one, [.. timings.Select(pair => pair.One)], [.. timings.Select(pair => pair.All)]));
        }

        return result;
    }

    private (Timing One, Timing All) Measure(Comparison row)
    {
        try
        {
            // both are made ready and warm at the same time, as nothing is timed yet
            var starting = Task.Run(() => Ready(row, 1));
            using var all = Ready(row, Backend.Threads);
            using var one = starting.GetAwaiter().GetResult();
            var (ones, alls) = (new List<double>(), new List<double>());

            var rounds = Stopwatch.GetTimestamp();
            do
            {
                ones.Add(one.RunRested().Seconds);
                alls.Add(all.RunRested().Seconds);
            }
            while (!once && ones.Count < MostRounds
                && (ones.Count < LeastRounds || Stopwatch.GetElapsedTime(rounds) < RoundBudget));

            return (Of(ones, one), Of(alls, all));
        }
        catch (InvalidOperationException e)
        {
            var failed = new Timing("ours", [], double.NaN, "", e.Message);
            return (failed, failed);
        }
    }

    private TimedProcess Ready(Comparison row, int threads)
    {
        var process = RowProcess.Start(row, "", threads);
        var start = Stopwatch.GetTimestamp();
        while (!once && Stopwatch.GetElapsedTime(start) < Warm)
        {
            process.Run();
        }

        return process;
    }

    private static Timing Of(List<double> seconds, TimedProcess process) =>
        new("ours", [.. seconds], process.Memory(), process.Versions);
}
