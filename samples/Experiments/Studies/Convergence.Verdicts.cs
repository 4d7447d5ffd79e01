using System.Globalization;
using MathNet.Numerics.Statistics;
using StableRank.Experiments.Learning;
using StableRank.Experiments.Measuring;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;

namespace StableRank.Experiments.Studies;

/// <content>What the runs say.</content>
internal sealed partial class Convergence
{
    private const double FalseAlarm = 0.05;

    /// <summary>What the cells say, with nothing trained anew.</summary>
    internal static ExperimentResult Judge(IReadOnlyList<Cell> cells, Scope settings, IReadOnlyList<string> notes)
    {
        var edge = cells.Count(cell => cell.IsAtEdge);
        return new ExperimentResult(
            [.. StepsFigures(cells), AccuracyFigure(cells), DivergenceFigure(cells, settings)],
            [ResultsTable(cells)],
            [
                SpeedVerdict(cells, false, Initialisation.He, settings), SpeedVerdict(cells, true, Initialisation.He, settings),
                SpeedVerdict(cells, true, Initialisation.Orthogonal, settings), LowRankVerdict(cells, false), LowRankVerdict(cells, true),
                NormVerdict(cells, false), NormVerdict(cells, true), AccuracyVerdict(cells),
            ],
            [
                .. notes,
                $"{edge} of {cells.Count} best rates are at an end of the grid {settings.Rates[0]} to {settings.Rates[^1]}: for these a "
                    + "better one may lie outside.",
                "Percentile bootstrap over few replicates gives intervals somewhat too narrow; verdicts rest on Student's t.",
            ]);
    }

    private static Verdict SpeedVerdict(IReadOnlyList<Cell> cells, bool isBest, Initialisation baseline, Scope settings)
    {
        var all = Against(cells, isBest, baseline, cell => !cell.Initialisation.IsBaseline
            && cell.Initialisation.Scale == HeldScale.Variance);
        var parts = all.GroupBy(pair => NetworkOf(pair.Cell)).Select(group =>
        {
            var faster = group.Where(pair => pair.Sign(all.Count) > 0).OrderByDescending(pair => pair.Factor).ToList();
            var slower = group.Where(pair => pair.Sign(all.Count) < 0).OrderBy(pair => pair.Factor).ToList();
            var top = group.MaxBy(pair => pair.Factor)!;
            return (faster.Count > 0, string.Create(CultureInfo.InvariantCulture,
                $"{group.Key}: {faster.Count} of {group.Count()} are faster, {slower.Count} slower, the others not to be told apart; ")
                + $"the fastest {top.Text}"
                + (faster.Count > 0 ? $"; faster at {Names(faster)}" : string.Empty)
                + (slower.Count > 0 ? $"; the slowest {slower[0].Text}, slower at {Names(slower)}" : string.Empty));
        });
        var rate = isBest ? "each at its own best learning rate" : string.Create(
            CultureInfo.InvariantCulture, $"at the same learning rate {settings.CommonRate} for all");
        return Verdict.OnParts(
            $"Some stable-rank initialisation at preserved variance reaches the loss in fewer steps than "
            + $"{(baseline.IsOrthogonal ? "the orthogonal one" : "He's")}, {rate}.",
            [.. parts]);
    }

    private static Verdict LowRankVerdict(IReadOnlyList<Cell> cells, bool isBest)
    {
        var groups = cells.Where(cell => cell.Initialisation is { IsBaseline: false, Scale: HeldScale.Variance })
            .GroupBy(cell => (NetworkOf(cell), cell.Initialisation.Family!.Name))
            .Select(group => (group.Key, Low: group.MinBy(One)!, High: group.MaxBy(One)!)).Where(pair => pair.Low != pair.High).ToList();
        return Verdict.OnParts(
            "At preserved variance a network of the lowest stable rank is slower than one of the highest of the same family, "
                + (isBest ? "each at its own best rate." : "at the same rate."),
            [.. groups.Select(group =>
            {
                var pair = new Pair(group.Low, group.High, isBest);
                return (pair.Sign(groups.Count) < 0,
                    $"{group.Key.Item1}, {group.Key.Name}, {group.Low.Initialisation.FractionName} against "
                    + $"{group.High.Initialisation.FractionName}: {pair.Figures}");
            })]);
    }

    private static Verdict NormVerdict(IReadOnlyList<Cell> cells, bool isBest)
    {
        var groups = cells.Where(cell => cell.Initialisation is { IsBaseline: false, Scale: HeldScale.SpectralNorm })
            .GroupBy(cell => (NetworkOf(cell), cell.Initialisation.Family!.Name)).ToList();
        return Verdict.OnParts(
            "At He's spectral norm, where the stable rank sets the signal's scale, some stable rank is faster than the lowest and than "
                + "the highest of its family, " + (isBest ? "each at its own best rate." : "at the same rate."),
            [.. groups.Select(group =>
            {
                var best = group.MinBy(cell => cell.Runs(isBest).Sum(run => Math.Log(run.Steps)))!;
                var ends = new[] { group.MinBy(One)!, group.MaxBy(One)! };
                var pairs = ends.Where(end => end != best).Select(end => new Pair(best, end, isBest)).ToList();
                var inside = pairs.Count == 2 && pairs.All(pair => pair.Sign(2 * groups.Count * Math.Max(1, group.Count() - 2)) > 0);
                return (inside, $"{group.Key.Item1}, {group.Key.Name}: fastest at {best.Initialisation.FractionName}; "
                    + string.Join(", ", pairs.Select(pair => $"against {pair.Baseline.Initialisation.FractionName} {pair.Figures}")));
            })]);
    }

    private static Verdict AccuracyVerdict(IReadOnlyList<Cell> cells)
    {
        var all = Against(cells, true, Initialisation.He, cell => cell.Initialisation.Scale == HeldScale.Variance);
        return Verdict.OnParts(
            "At preserved variance and own best rates the accuracy at the end is He's, whatever the stable rank.",
            [.. all.GroupBy(pair => NetworkOf(pair.Cell)).Select(group =>
            {
                var differ = group.Where(pair => pair.AccuracyDiffers(all.Count)).ToList();
                var he = group.First().Baseline.Best.Average(run => run.Accuracy);
                var (low, high) = (group.MinBy(Mean)!, group.MaxBy(Mean)!);
                return (differ.Count == 0, string.Create(CultureInfo.InvariantCulture,
                    $"{group.Key}: He {he:0.0 %}, others {Mean(low):0.0 %} ({low.Cell.Initialisation.Name}) to {Mean(high):0.0 %} ")
                    + $"({high.Cell.Initialisation.Name}); {differ.Count} of {group.Count()} differ from He's"
                    + (differ.Count > 0 ? $": {Names(differ)}" : string.Empty));
            })]);

        static double Mean(Pair pair) => pair.Cell.Best.Average(run => run.Accuracy);
    }

    private static List<Pair> Against(IReadOnlyList<Cell> cells, bool isBest, Initialisation baseline, Func<Cell, bool> which) =>
        [.. cells.Where(which).Where(cell => cell.Initialisation != baseline)
            .Select(cell => new Pair(cell, BaselineOf(cells, cell, baseline), isBest))];

    private static Cell BaselineOf(IReadOnlyList<Cell> cells, Cell cell, Initialisation baseline) =>
        cells.Single(one => NetworkOf(one) == NetworkOf(cell) && one.Initialisation == baseline);

    private static double One(Cell cell) => cell.Initialisation.Fraction ?? double.NaN;

    private static string NetworkOf(Cell cell) => $"{cell.Study.Architecture.Name} on {cell.Task}";

    private static string Names(IEnumerable<Pair> pairs) => string.Join(", ", pairs.GroupBy(pair => pair.Cell.Initialisation.Family?.Name)
        .Select(group => $"{group.Key ?? "baseline"} " + string.Join(" ", group.Select(pair => pair.Cell.Initialisation.Family is null
            ? pair.Cell.Initialisation.Name : pair.Cell.Initialisation.FractionName))));

    /// <summary>An initialisation beside another of the same network, replicate by replicate.</summary>
    internal sealed record Pair(Cell Cell, Cell Baseline, bool IsBest)
    {
        private IReadOnlyList<double> LogRatios { get; } =
            [.. Cell.Runs(IsBest).Zip(Baseline.Runs(IsBest), (one, other) => Math.Log((double)other.Steps / one.Steps))];

        /// <summary>The baseline's steps over the cell's, geometric mean: above 1 the cell is faster.</summary>
        public double Factor => Math.Exp(LogRatios.Average());

        /// <summary>The factor with its bootstrap interval.</summary>
        public (double Mean, double Low, double High) Interval
        {
            get
            {
                var (mean, low, high) = Bootstrap.Mean(LogRatios);
                return (Math.Exp(mean), Math.Exp(low), Math.Exp(high));
            }
        }

        /// <summary>Whether some run of either never got there, so that the factor is a bound.</summary>
        public bool IsCensored => Cell.Runs(IsBest).Concat(Baseline.Runs(IsBest)).Any(run => !run.Reached);

        /// <summary>1 where the cell is faster, -1 where it is slower, 0 where it cannot be told, among so many comparisons.</summary>
        public int Sign(int comparisons) => Differs(LogRatios, comparisons) ? Math.Sign(LogRatios.Average()) : 0;

        /// <summary>Whether the accuracies at the end differ, among so many comparisons.</summary>
        public bool AccuracyDiffers(int comparisons) => Differs(
            [.. Cell.Runs(IsBest).Zip(Baseline.Runs(IsBest), (one, other) => one.Accuracy - other.Accuracy)], comparisons);

        /// <summary>The factor as text.</summary>
        public string Figures
        {
            get
            {
                var (mean, low, high) = Interval;
                return string.Create(CultureInfo.InvariantCulture, $"{mean:0.00}x the speed [{low:0.00}, {high:0.00}]")
                    + (IsCensored ? " (a bound: some runs never got there)" : string.Empty);
            }
        }

        /// <summary>Name and factor.</summary>
        public string Text => $"{Cell.Initialisation.Name}, {Figures}";

        private static bool Differs(IReadOnlyList<double> values, int comparisons)
        {
            var error = values.StandardDeviation() / Math.Sqrt(values.Count);
            return values.Count > 1
                && Math.Abs(values.Average()) > Comparison.Bound(comparisons, values.Count - 1, FalseAlarm) * error;
        }
    }
}
