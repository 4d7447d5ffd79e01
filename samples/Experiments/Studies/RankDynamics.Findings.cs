using System.Globalization;
using MathNet.Numerics.Statistics;
using StableRank.Experiments.Figures;
using StableRank.Experiments.Measuring;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Training;

namespace StableRank.Experiments.Studies;

/// <content>What the runs say.</content>
internal sealed partial class RankDynamics
{
    private const double FalseAlarm = 0.05;

    private const int LossBlock = 8;

    /// <summary>What the runs say, with nothing trained anew.</summary>
    internal static ExperimentResult Judge(IReadOnlyList<Course> runs)
    {
        var pairs = runs.GroupBy(run => run.Start).Select(group =>
            (Start: group.Key, Free: group.Where(run => !run.IsHeld).ToList(), Held: group.Where(run => run.IsHeld).ToList())).ToList();
        var broken = runs.Count(run => run.Outcome.Diverged);
        return new ExperimentResult(
            [RanksFigure(pairs), LayersFigure(pairs)],
            [Table(pairs)],
            [
                Verdict.OnParts(
                    "Free training lowers the stable ranks of the hidden layers.",
                    [.. pairs.Select(pair =>
                    {
                        var drifts = Drifts(pair.Free);
                        return (Sign(drifts, pairs.Count) < 0, $"{pair.Start}: r changes by the factor {Factor(drifts)}"
                            + (Sign(drifts, pairs.Count) == 0 ? ", not to be told from 1" : string.Empty));
                    })]),
                Verdict.OnParts(
                    "Held, every layer has the stable rank of its start after every step measured, to the accuracy of the constraint.",
                    [.. pairs.Select(pair =>
                    {
                        // the meter's own error at both measurements: theory (1.1) from a triple of that residual
                        var allowed = pair.Held.Max(run => run.Accuracy) + (4 * RankMeter.Tolerance);
                        var worst = pair.Held.Max(run => run.GreatestError);
                        return (worst <= allowed, string.Create(CultureInfo.InvariantCulture,
                            $"{pair.Start}: greatest relative error {worst:0.0E+0}, allowed {allowed:0.0E+0}"));
                    })]),
                Verdict.OnParts(
                    "Holding the stable rank costs no speed: steps to the loss are not more than those of free training.",
                    [.. pairs.Select(pair =>
                    {
                        var ratios = Paired(pair, (free, held) => Math.Log((double)free.Outcome.Steps / held.Outcome.Steps));
                        var censored = pair.Free.Concat(pair.Held).Any(run => !run.Outcome.Reached);
                        return (Sign(ratios, pairs.Count) >= 0, $"{pair.Start}: {Factor(ratios)} times the speed"
                            + (censored ? " (a bound: some runs never got there)" : string.Empty));
                    })]),
                Verdict.OnParts(
                    "Nor does it cost accuracy at the end.",
                    [.. pairs.Select(pair =>
                    {
                        var gaps = Paired(pair, (free, held) => 100 * (held.Outcome.Accuracy - free.Outcome.Accuracy));
                        var (mean, low, high) = Bootstrap.Mean(gaps);
                        return (Sign(gaps, pairs.Count) >= 0, string.Create(CultureInfo.InvariantCulture,
                            $"{pair.Start}: {mean:+0.00;-0.00;0.00} points [{low:0.00}, {high:0.00}]"));
                    })]),
            ],
            broken == 0 ? [] : [$"{broken} of {runs.Count} runs diverged; of these the ranks until then are shown."]);
    }

    private static double[] Drifts(IEnumerable<Course> runs) => [.. runs.Select(run => run.Drift(run.Ranks.Count - 1))];

    private static double[] Paired(
        (string Start, List<Course> Free, List<Course> Held) pair, Func<Course, Course, double> difference) =>
        [.. pair.Free.Zip(pair.Held, difference)];

    private static int Sign(double[] values, int comparisons)
    {
        var error = values.StandardDeviation() / Math.Sqrt(values.Length);
        return values.Length > 1
            && Math.Abs(values.Average()) > Comparison.Bound(comparisons, values.Length - 1, FalseAlarm) * error
            ? Math.Sign(values.Average())
            : 0;
    }

    private static string Factor(double[] logarithms)
    {
        var (mean, low, high) = Bootstrap.Mean(logarithms);
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Exp(mean):0.000} [{Math.Exp(low):0.000}, {Math.Exp(high):0.000}]");
    }

    private static Figure RanksFigure(IReadOnlyList<(string Start, List<Course> Free, List<Course> Held)> pairs)
    {
        var ranks = new List<Series>();
        var losses = new List<Series>();
        for (var i = 0; i < pairs.Count; i++)
        {
            var (start, free, held) = pairs[i];
            var colour = Palette.Categorical[i % Palette.Categorical.Count];
            ranks.Add(Series.Band(start + ", interval", colour, RankCurve(free).Select(at => (at.Step, at.Low, at.High))) with
            {
                InLegend = false,
            });
            ranks.Add(Series.Line(start, colour, RankCurve(free).Select(at => (at.Step, at.Mean))));
            ranks.Add(Series.Line(start + ", held", colour, RankCurve(held).Select(at => (at.Step, at.Mean))) with
            {
                Stroke = Stroke.Dashed, InLegend = false,
            });
            losses.Add(Series.Line(start, colour, LossCurve(free)));
            losses.Add(Series.Line(start + ", held", colour, LossCurve(held)) with { Stroke = Stroke.Dashed, InLegend = false });
        }

        return new Figure(
            "ranks",
            "Stable ranks and losses along training",
            "(a) Geometric mean of the hidden layers' stable ranks over networks, free (solid; band: bootstrap 95 %) and held (dashed). "
                + $"(b) Mean loss of blocks of {LossBlock} steps, the same lines.",
            [
                new Panel("Stable rank of hidden layers", new Axis("step", Minimum: 0), new Axis("stable rank r", AxisScale.Log2), ranks),
                new Panel("Training loss", new Axis("step", Minimum: 0), new Axis("loss", AxisScale.Log10), losses),
            ]);
    }

    private static IEnumerable<(double Step, double Mean, double Low, double High)> RankCurve(List<Course> runs) =>
        Enumerable.Range(0, runs.Min(run => run.Steps.Count)).Select(i =>
        {
            var (mean, low, high) = Bootstrap.Mean([.. runs.Select(run => run.Ranks[i].Average(Math.Log))]);
            return ((double)runs[0].Steps[i], Math.Exp(mean), Math.Exp(low), Math.Exp(high));
        });

    private static IEnumerable<(double Step, double Loss)> LossCurve(List<Course> runs) =>
        Enumerable.Range(0, runs.Min(run => run.Losses.Count) / LossBlock).Select(block => (
            (block + 0.5) * LossBlock,
            runs.Average(run => run.Losses.Skip(block * LossBlock).Take(LossBlock).Average())));

    private static Figure LayersFigure(IReadOnlyList<(string Start, List<Course> Free, List<Course> Held)> pairs)
    {
        var layers = pairs[0].Free[0].Ranks[0].Length;
        var series = pairs.Select((pair, i) => new Series(
            pair.Start, SeriesKind.Points, Palette.Categorical[i % Palette.Categorical.Count],
            [.. Enumerable.Range(0, layers).Select(layer =>
            {
                var (mean, low, high) = Bootstrap.Mean([.. pair.Free.Select(run => Math.Log(run.Ranks[^1][layer] / run.Ranks[0][layer]))]);
                return new DataPoint(
                    layer + 1 + (0.08 * (i - ((pairs.Count - 1) / 2.0))), Math.Exp(mean), Math.Exp(low), Math.Exp(high));
            })]) { Marker = (Marker)(i % 6) });
        return new Figure(
            "layers",
            "Drift by layer",
            "Stable rank at the end of free training over that at its start, layer by layer (geometric means, bootstrap 95 %).",
            [
                new Panel(
                    "r at the end / r at the start", new Axis("hidden layer", Minimum: 0.5, Maximum: layers + 0.5, TickStep: 1),
                    new Axis("factor"),
                    [Series.Line("no drift", Palette.Guide, [(0.5, 1), (layers + 0.5, 1)]), .. series]),
            ]) { Columns = 1, Width = 720 };
    }

    private static ResultTable Table(IReadOnlyList<(string Start, List<Course> Free, List<Course> Held)> pairs) => new(
        "Free and held, means over networks",
        ["start", "r at start", "r at end, free", "r at end, held", "steps, free", "steps, held", "accuracy, free", "accuracy, held"],
        [.. pairs.Select(pair => (IReadOnlyList<string>)
        [
            pair.Start, Rank(pair.Free, first: true), Rank(pair.Free, first: false), Rank(pair.Held, first: false),
            Steps(pair.Free), Steps(pair.Held), Accuracy(pair.Free), Accuracy(pair.Held),
        ])]);

    private static string Rank(List<Course> runs, bool first) =>
        Math.Exp(runs.Average(run => run.Ranks[first ? 0 : ^1].Average(Math.Log))).ToString("0.00", CultureInfo.InvariantCulture);

    private static string Steps(List<Course> runs) =>
        Math.Exp(runs.Average(run => Math.Log(run.Outcome.Steps))).ToString("0", CultureInfo.InvariantCulture)
        + (runs.Any(run => !run.Outcome.Reached) ? $" ({runs.Count(run => !run.Outcome.Reached)} never)" : string.Empty);

    private static string Accuracy(List<Course> runs) =>
        runs.Average(run => run.Outcome.Accuracy).ToString("0.0 %", CultureInfo.InvariantCulture);
}
