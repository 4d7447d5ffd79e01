using System.Globalization;
using StableRank.Experiments.Figures;
using StableRank.Experiments.Learning;
using StableRank.Experiments.Measuring;
using StableRank.Experiments.Reporting;

namespace StableRank.Experiments.Studies;

/// <content>The figures and the table.</content>
internal sealed partial class Convergence
{
    private static readonly IReadOnlyList<Marker> Markers =
        [Marker.Circle, Marker.TriangleUp, Marker.Diamond, Marker.TriangleDown, Marker.Square];

    private static IEnumerable<Figure> StepsFigures(IReadOnlyList<Cell> cells)
    {
        foreach (var scale in Enum.GetValues<HeldScale>())
        {
            var groups = cells.GroupBy(NetworkOf).Where(group => group.Any(cell => IsOf(cell, scale))).ToList();
            if (groups.Count == 0)
            {
                continue;
            }

            yield return new Figure(
                scale == HeldScale.Variance ? "steps-variance" : "steps-norm",
                scale == HeldScale.Variance ? "Steps to the loss at preserved variance" : "Steps to the loss at He's spectral norm",
                "Steps until the loss is reached against the stable rank of the initial weights, geometric means with bootstrap 95 % "
                    + "intervals; left: one learning rate for all, right: each at its own best. Horizontal: He's (band: its interval) and "
                    + "the orthogonal baseline. Hollow: some runs never got there and count with the whole budget. Points side by side for "
                    + "sight.",
                [.. groups.SelectMany(group => new[] { StepsPanel([.. group], scale, false), StepsPanel([.. group], scale, true) })]);
        }
    }

    private static bool IsOf(Cell cell, HeldScale scale) => !cell.Initialisation.IsBaseline && cell.Initialisation.Scale == scale;

    private static Panel StepsPanel(IReadOnlyList<Cell> group, HeldScale scale, bool isBest)
    {
        var he = StepsOf(group.Single(cell => cell.Initialisation == Initialisation.He), isBest);
        var orthogonal = StepsOf(group.Single(cell => cell.Initialisation == Initialisation.Orthogonal), isBest);
        var shown = group.Where(cell => IsOf(cell, scale)).ToList();
        var (low, high) = Range(shown);
        var series = new List<Series>
        {
            Series.Band("He, interval", "#d1d5db", [(low, he.Low, he.High), (high, he.Low, he.High)]) with { InLegend = false },
            Series.Line("He", Palette.Theory, [(low, he.Mean), (high, he.Mean)]),
            Series.Line("orthogonal", Palette.Theory, [(low, orthogonal.Mean), (high, orthogonal.Mean)]) with { Stroke = Stroke.Dashed },
        };
        series.AddRange(FamilySeries(shown, cell => StepsOf(cell, isBest), cell => cell.Runs(isBest).All(run => run.Reached)));
        return new Panel(
            NetworkOf(group[0]) + (isBest ? ", own best rate" : ", one rate"),
            new Axis("r/k", AxisScale.Log2, low, high),
            new Axis("steps to the loss", AxisScale.Log2),
            series);
    }

    private static (double Low, double High) Range(IReadOnlyList<Cell> shown) => (shown.Min(One) / 1.3, shown.Max(One) * 1.3);

    private static IEnumerable<Series> FamilySeries(
        IReadOnlyList<Cell> shown, Func<Cell, (double Mean, double Low, double High)> value, Func<Cell, bool> isFull)
    {
        var families = shown.GroupBy(cell => cell.Initialisation.Family!.Name).ToList();
        for (var i = 0; i < families.Count; i++)
        {
            // side by side; r = k stands under the first family and is every family's
            var shift = Math.Pow(1.06, i - ((families.Count - 1) / 2.0));
            var (name, colour, marker) = (families[i].Key, Palette.Categorical[i % Palette.Categorical.Count], Markers[i % Markers.Count]);
            var line = families[i].OrderBy(One).Select(cell => (One(cell) * shift, value(cell).Mean));
            yield return Series.Line(name + ", line", colour, line) with { InLegend = false, LineWidth = 0.8 };
            foreach (var full in new[] { true, false })
            {
                var points = families[i].Where(cell => isFull(cell) == full).Select(cell =>
                {
                    var (mean, low, high) = value(cell);
                    return new DataPoint(One(cell) * shift, mean, low, high);
                }).ToList();
                if (full || points.Count > 0)
                {
                    yield return new Series(full ? name : name + ", hollow", SeriesKind.Points, colour, points)
                    {
                        Marker = marker, Hollow = !full, InLegend = full,
                    };
                }
            }
        }
    }

    private static (double Mean, double Low, double High) StepsOf(Cell cell, bool isBest)
    {
        var (mean, low, high) = Bootstrap.Mean([.. cell.Runs(isBest).Select(run => Math.Log(run.Steps))]);
        return (Math.Exp(mean), Math.Exp(low), Math.Exp(high));
    }

    private static (double Mean, double Low, double High) AccuracyOf(Cell cell)
    {
        var (mean, low, high) = Bootstrap.Mean([.. cell.Best.Select(run => 100 * run.Accuracy)]);
        return (mean, low, high);
    }

    private static Figure AccuracyFigure(IReadOnlyList<Cell> cells) => new(
        "accuracy",
        "Accuracy at the end",
        "Accuracy on test data at the end of training, each initialisation at its own best rate; means with bootstrap 95 % intervals. "
            + "Horizontal: He's (band: its interval) and the orthogonal baseline.",
        [.. from scale in Enum.GetValues<HeldScale>()
            from title in cells.Where(cell => IsOf(cell, scale)).Select(NetworkOf).Distinct()
            select AccuracyPanel([.. cells.Where(cell => NetworkOf(cell) == title)], scale)]);

    private static Panel AccuracyPanel(IReadOnlyList<Cell> group, HeldScale scale)
    {
        var he = AccuracyOf(group.Single(cell => cell.Initialisation == Initialisation.He));
        var orthogonal = AccuracyOf(group.Single(cell => cell.Initialisation == Initialisation.Orthogonal));
        var shown = group.Where(cell => IsOf(cell, scale)).ToList();
        var (low, high) = Range(shown);
        return new Panel(
            NetworkOf(group[0]) + (scale == HeldScale.Variance ? ", variance kept" : ", He's norm"),
            new Axis("r/k", AxisScale.Log2, low, high),
            new Axis("accuracy, %"),
            [
                Series.Band("He, interval", "#d1d5db", [(low, he.Low, he.High), (high, he.Low, he.High)]) with { InLegend = false },
                Series.Line("He", Palette.Theory, [(low, he.Mean), (high, he.Mean)]),
                Series.Line("orthogonal", Palette.Theory, [(low, orthogonal.Mean), (high, orthogonal.Mean)]) with
                {
                    Stroke = Stroke.Dashed,
                },
                .. FamilySeries(shown, AccuracyOf, _ => true),
            ]);
    }

    private static Figure DivergenceFigure(IReadOnlyList<Cell> cells, Scope settings)
    {
        var panels = new List<Panel>();
        foreach (var group in cells.GroupBy(NetworkOf))
        {
            foreach (var scale in Enum.GetValues<HeldScale>().Where(scale => group.Any(cell => IsOf(cell, scale))))
            {
                var shown = group.Where(cell => IsOf(cell, scale)).ToList();
                var (low, high) = Range(shown);
                var rates = settings.Rates.SelectMany((rate, i) =>
                {
                    // the families together: what is left of the difference between them is the steps' matter; side by side, as most are 0
                    var shift = Math.Pow(1.06, i - ((settings.Rates.Count - 1) / 2.0));
                    var points = shown.GroupBy(One).OrderBy(at => at.Key)
                        .Select(at => new DataPoint(at.Key * shift, 100 * at.Average(cell => cell.Divergence[i]))).ToList();
                    var name = "rate " + rate.ToString("0.####", CultureInfo.InvariantCulture);
                    var colour = Palette.Categorical[i % Palette.Categorical.Count];
                    return new[]
                    {
                        Series.Line(name + ", line", colour, points.Select(point => (point.X, point.Y))) with
                        {
                            InLegend = false, LineWidth = 0.8,
                        },
                        new Series(name, SeriesKind.Points, colour, points) { Marker = Markers[i % Markers.Count] },
                    };
                });
                panels.Add(new Panel(
                    $"{group.Key}, {(scale == HeldScale.Variance ? "variance kept" : "He's norm")}",
                    new Axis("r/k", AxisScale.Log2, low, high),
                    new Axis("diverged, %", Minimum: -4, Maximum: 104),
                    [.. rates]));
            }
        }

        return new Figure(
            "divergence",
            "Runs that diverge",
            "Share of the tuning runs that diverged (a number that is not finite, or a loss at the end above twice that of a blind guess), "
                + "for each learning rate of the grid, all families together. Points side by side for sight.",
            panels);
    }

    private static ResultTable ResultsTable(IReadOnlyList<Cell> cells) => new(
        "All initialisations: speed against He (steps of He over steps of this one) with bootstrap 95 % intervals",
        [
            "network", "scale kept", "family", "r", "steps, one rate", "speed, one rate", "best rate", "steps, best", "speed, best",
            "accuracy, best", "diverged in tuning",
        ],
        [.. cells.Select(cell =>
        {
            var he = BaselineOf(cells, cell, Initialisation.He);
            return (IReadOnlyList<string>)
            [
                NetworkOf(cell), cell.Initialisation.Scale == HeldScale.Variance ? "variance" : "He's norm",
                cell.Initialisation.Family?.Name ?? cell.Initialisation.Name, cell.Initialisation.FractionName,
                Steps(cell, false), Speed(cell, he, false),
                cell.BestRate.ToString(CultureInfo.InvariantCulture) + (cell.IsAtEdge ? " (end of grid)" : string.Empty),
                Steps(cell, true), Speed(cell, he, true),
                cell.Best.Average(run => run.Accuracy).ToString("0.0 %", CultureInfo.InvariantCulture),
                cell.Divergence.Average().ToString("0 %", CultureInfo.InvariantCulture),
            ];
        })]);

    private static string Steps(Cell cell, bool isBest)
    {
        var missing = cell.Runs(isBest).Count(run => !run.Reached);
        return StepsOf(cell, isBest).Mean.ToString("0", CultureInfo.InvariantCulture)
            + (missing > 0 ? $" ({missing} of {cell.Runs(isBest).Count} never)" : string.Empty);
    }

    private static string Speed(Cell cell, Cell he, bool isBest)
    {
        var (mean, low, high) = new Pair(cell, he, isBest).Interval;
        return cell == he ? "1" : string.Create(CultureInfo.InvariantCulture, $"{mean:0.00} [{low:0.00}, {high:0.00}]");
    }
}
