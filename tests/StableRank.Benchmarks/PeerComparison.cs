using System.Diagnostics;
using System.Globalization;

namespace StableRank.Benchmarks;

/// <summary>Times ours and the peer in turn, A B A B, each in a process that stays warm.</summary>
internal sealed class PeerComparison
{
    /// <summary>
    /// At least three, so that there are a median and a spread; then a side goes on until it has run for <see cref="SideBudget"/>, so that
    /// a slow one does not keep the others from being measured well.
    /// </summary>
    private const int LeastRounds = 3, MostRounds = 9;

    /// <summary>
    /// Runs before those that count, for allocators and for our compiled code, which becomes final half a second on, in the background;
    /// fewer where they take longer than <see cref="WarmBudget"/>.
    /// </summary>
    private const int WarmRuns = 10;

    /// <summary>Answers of both sides to the same question agree to so much, relatively.</summary>
    private const double AnswerTolerance = 1e-9;

    private static readonly TimeSpan WarmBudget = TimeSpan.FromSeconds(1), SideBudget = TimeSpan.FromSeconds(3);

    private readonly bool once;

    /// <param name="once">One run a row and none before it: whether the rows work, not how fast they are.</param>
    public PeerComparison(bool once) => this.once = once;

    /// <summary>Measures a row; what fails is said in its timing.</summary>
    public Measurement Measure(Comparison row)
    {
        var folder = Directory.CreateTempSubdirectory("stablerank-bench-");
        List<Side> sides = [];
        try
        {
            row.WriteInputs?.Invoke(folder.FullName);
            sides.Add(Side.Open("ours", () => RowProcess.Start(row, folder.FullName)));
            foreach (var (name, variables) in row.PeerRow is null ? [] : PeerProcess.Libraries())
            {
                sides.Add(Side.Open(name, () => PeerProcess.Start(row, folder.FullName, variables)));
            }

            Run(sides);
            Timing[] timings = [.. sides.Select(side => side.Timing())];
            return new Measurement(row, timings[0], timings[1..], [.. Disagreements(row, sides)]);
        }
        finally
        {
            foreach (var side in sides)
            {
                side.Dispose();
            }

            folder.Delete(recursive: true);
        }
    }

    private void Run(List<Side> sides)
    {
        foreach (var side in sides)
        {
            var start = Stopwatch.GetTimestamp();
            for (var run = 0; !once && run < WarmRuns && Stopwatch.GetElapsedTime(start) < WarmBudget; run++)
            {
                side.Run(counts: false);
            }
        }

        var (least, most) = once ? (1, 1) : (LeastRounds, MostRounds);
        for (var round = 0; round < most; round++)
        {
            bool Tired(Side side) => round >= least && side.Elapsed >= SideBudget;
            if (sides.TakeLast(Math.Max(1, sides.Count - 1)).All(Tired))
            {
                break;
            }

            // ours, the first, goes on as long as it has somebody to be held against
            foreach (var side in sides.Where(side => side == sides[0] || !Tired(side)))
            {
                side.Run(counts: true);
            }
        }
    }

    private static IEnumerable<string> Disagreements(Comparison row, List<Side> sides) => sides.Skip(1)
        .Where(side => Math.Abs(side.Answer - sides[0].Answer) > AnswerTolerance * Math.Abs(sides[0].Answer))
        .Select(side => string.Create(
            CultureInfo.InvariantCulture,
            $"{row.Name}: the answers differ, {sides[0].Answer:R} here and {side.Answer:R} by the peer on {side.Library}."));

    /// <summary>One process of a row with its runs so far.</summary>
    private sealed class Side : IDisposable
    {
        private readonly List<double> seconds = [];
        private TimedProcess? process;
        private string versions = "";
        private string? failure;

        private Side(string library) => Library = library;

        public string Library { get; }

        public double Answer { get; private set; } = double.NaN;

        /// <summary>How long its runs that count have taken together.</summary>
        public TimeSpan Elapsed { get; private set; }

        public static Side Open(string library, Func<TimedProcess> start)
        {
            var side = new Side(library);
            side.Try(() =>
            {
                side.process = start();
                side.versions = side.process.Versions;
            });
            return side;
        }

        public void Run(bool counts) => Try(() =>
        {
            if (process is not null)
            {
                var start = Stopwatch.GetTimestamp();
                (var time, Answer) = counts ? process.RunRested() : process.Run();
                if (counts)
                {
                    seconds.Add(time);
                    Elapsed += Stopwatch.GetElapsedTime(start);
                }
            }
        });

        public Timing Timing()
        {
            var memory = double.NaN;
            Try(() => memory = process?.Memory() ?? double.NaN);
            return new Timing(Library, failure is null ? [.. seconds] : [], memory, versions, failure);
        }

        public void Dispose() => process?.Dispose();

        private void Try(Action action)
        {
            try
            {
                action();
            }
            catch (InvalidOperationException e)
            {
                failure = e.Message;
                process?.Dispose();
                process = null;
            }
        }
    }
}
