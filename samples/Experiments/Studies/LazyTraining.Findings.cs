using System.Globalization;
using MathNet.Numerics;
using MathNet.Numerics.Statistics;
using StableRank.Experiments.Learning;
using StableRank.Experiments.Measuring;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;

namespace StableRank.Experiments.Studies;

/// <content>What the runs say.</content>
internal sealed partial class LazyTraining
{
    private const double FalseAlarm = 0.05;

    /// <summary>What the runs say, with nothing trained anew.</summary>
    internal static ExperimentResult Judge(IReadOnlyList<Cell> cells, Scope settings)
    {
        var ladders = cells.GroupBy(cell => (cell.Task, cell.Start)).Select(ladder => ladder.OrderBy(cell => cell.Width).ToList()).ToList();
        var widest = ladders.Select(ladder => ladder[^1]).ToList();
        return new ExperimentResult(
            [LossFigure(widest), WidthFigure(ladders), RatesFigure(widest)],
            [Table(ladders)],
            [
                FallVerdict("The prediction's error falls at least like width^{-1/2}.", ladders, run => run.Error),
                FallVerdict("The kernel's drift falls at least like width^{-1/2}.", ladders, run => run.Drift),
                OrderVerdict(ladders),
                RankVerdict(ladders),
                RatesVerdict(widest),
                FallVerdict(
                    "What these rates are off by falls at least like width^{-1/2}.", ladders, run => RootMeanSquare(run.OwnRates)),
                FallVerdict(
                    "So does what the rates of the limit kernel are off by, along its own eigen-directions.", ladders,
                    run => RootMeanSquare(run.LimitRates)),
            ],
            [
                $"Exponents are least-squares slopes over the widths {string.Join(", ", settings.Widths)}.",
                "Along the limit kernel's eigen-directions parts of the residual do not decay each by itself: the fluctuation of a "
                    + "network's kernel feeds small ones from large ones, so rates may be farther from the limit's than eigenvalues are.",
            ]);
    }

    /// <summary>The exponent of a quantity in the width, a least-squares slope of logarithms, one a replicate.</summary>
    private static double[] Exponents(IReadOnlyList<Cell> ladder, Func<LazyRun, double> value)
    {
        double[] widths = [.. ladder.Select(cell => Math.Log(cell.Width))];
        return
        [
            .. Enumerable.Range(0, ladder[0].Runs.Count).Select(replicate =>
                Fit.Line(widths, [.. ladder.Select(cell => Math.Log(value(cell.Runs[replicate])))]).B),
        ];
    }

    private static Verdict FallVerdict(
        string statement, IReadOnlyList<List<Cell>> ladders, Func<LazyRun, double> value) => Verdict.OnParts(
        statement,
        [.. ladders.Select(ladder =>
        {
            var exponents = Exponents(ladder, value);
            var (mean, low, high) = Bootstrap.Mean(exponents);
            // there is a fall, and none told to be slower
            var holds = Sign(exponents, 0, ladders.Count) < 0 && Sign(exponents, -0.5, ladders.Count) <= 0;
            var at = Geometric(ladder[^1], value).Mean;
            return (holds, $"{NameOf(ladder[0])}: " + string.Create(
                CultureInfo.InvariantCulture,
                $"width^{{{mean:0.00}}} [{low:0.00}, {high:0.00}], {100 * at:G2} % at width {ladder[^1].Width}"));
        })]);

    private static Verdict OrderVerdict(IReadOnlyList<List<Cell>> ladders)
    {
        (string Name, Func<LazyRun, double> Value)[] quantities = [("error", run => run.Error), ("drift", run => run.Drift)];
        var parts = (from task in ladders.GroupBy(ladder => ladder[0].Task)
                     from quantity in quantities
                     select (Name: $"{task.Key}, {quantity.Name}", Exponents: MeanExponents([.. task], quantity.Value))).ToList();
        return Verdict.OnParts(
            "Both are of the order width^{-1}, below the bound: exponents, means over all starts, are told from -1/2 and not from -1.",
            [.. parts.Select(part =>
            {
                var (mean, low, high) = Bootstrap.Mean(part.Exponents);
                return (
                    Sign(part.Exponents, -0.5, parts.Count) < 0 && Sign(part.Exponents, -1, parts.Count) == 0,
                    $"{part.Name}: " + string.Create(
                        CultureInfo.InvariantCulture, $"width^{{{mean:0.00}}} [{low:0.00}, {high:0.00}]"));
            })]);
    }

    private static double[] MeanExponents(IReadOnlyList<List<Cell>> ladders, Func<LazyRun, double> value)
    {
        var all = ladders.Select(ladder => Exponents(ladder, value)).ToList();
        return [.. all[0].Select((_, replicate) => all.Average(one => one[replicate]))];
    }

    private static Verdict RankVerdict(IReadOnlyList<List<Cell>> ladders)
    {
        var pairs = (from full in ladders
                     where full[0].Start.Fraction == 1
                     from low in ladders
                     where low[0].Task == full[0].Task && low[0].Start.Fraction < 1
                     select (Full: full, Low: low)).ToList();
        return Verdict.OnParts(
            "The kernel drifts farther at low stable rank than at full rank.",
            [.. pairs.Select(pair =>
            {
                var ratios = Enumerable.Range(0, pair.Low[0].Runs.Count).Select(replicate => pair.Low.Zip(
                    pair.Full, (low, full) => Math.Log(low.Runs[replicate].Drift / full.Runs[replicate].Drift)).Average()).ToArray();
                var (mean, low, high) = Bootstrap.Mean(ratios);
                var part = pair.Low[^1].ParticipationRank / pair.Low[^1].Width;
                return (Sign(ratios, 0, pairs.Count) > 0, $"{NameOf(pair.Low[0])}, " + string.Create(
                    CultureInfo.InvariantCulture,
                    $"p = {part:0.00} k: {Math.Exp(mean):0.00} times [{Math.Exp(low):0.00}, {Math.Exp(high):0.00}]"));
            })]);
    }

    private static Verdict RatesVerdict(IReadOnlyList<Cell> widest) => Verdict.OnParts(
        $"At width {widest[0].Width} the residual decays along the leading eigen-directions of the network's own kernel at the start at "
            + "rates that cannot be told from η λ_i / N.",
        [.. widest.Select(cell =>
        {
            var errors = Enumerable.Range(0, LazyRun.Directions)
                .Select(direction => cell.Runs.Select(run => run.OwnRates[direction]).ToArray()).ToList();
            var holds = errors.All(error => Sign(error, 0, widest.Count * LazyRun.Directions) == 0);
            var (mean, low, high) = errors.Select(Bootstrap.Mean).MaxBy(interval => Math.Abs(interval.Mean));
            return (holds, $"{NameOf(cell)}: " + string.Create(
                CultureInfo.InvariantCulture, $"farthest {100 * mean:+0.0;-0.0} % [{100 * low:+0.0;-0.0}, {100 * high:+0.0;-0.0}]"));
        })]);

    private static double RootMeanSquare(IReadOnlyList<double> values) => Math.Sqrt(values.Average(value => value * value));

    /// <summary>-1, 0 or 1: on which side of a value the mean lies, 0 where that cannot be told among so many comparisons.</summary>
    private static int Sign(double[] values, double centre, int comparisons)
    {
        var error = values.StandardDeviation() / Math.Sqrt(values.Length);
        return values.Length > 1
            && Math.Abs(values.Average() - centre) > Comparison.Bound(comparisons, values.Length - 1, FalseAlarm) * error
            ? Math.Sign(values.Average() - centre)
            : 0;
    }

    private static string NameOf(Cell cell) => $"{cell.Task}, {cell.Start.Name}";
}
