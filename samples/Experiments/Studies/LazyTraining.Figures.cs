using System.Globalization;
using StableRank.Experiments.Figures;
using StableRank.Experiments.Learning;
using StableRank.Experiments.Measuring;
using StableRank.Experiments.Reporting;

namespace StableRank.Experiments.Studies;

/// <content>The figures and the table.</content>
internal sealed partial class LazyTraining
{
    private static Figure LossFigure(IReadOnlyList<Cell> widest)
    {
        var panels =
            from task in widest.GroupBy(cell => cell.Task)
            let shown = task.Where(cell => cell.Start.Fraction is null or <= 0.2).ToList()
            from isTest in new[] { false, true }
            let series = shown.SelectMany((cell, i) => LossSeries(cell, i, isTest)).ToList()
            let points = series.Where(one => one.Kind == SeriesKind.Points).SelectMany(one => one.Points).ToList()
            select new Panel(
                $"{task.Key}, {(isTest ? "test" : "training")}, width {shown[0].Width}",
                new Axis("step", AxisScale.Log2, 0.8, points.Max(point => point.X) * 1.2),
                isTest ? new Axis("loss", Minimum: 0) : new Axis("loss", AxisScale.Log10),
                [.. series]);
        return new Figure(
            "loss",
            "Losses along training, and as predicted",
            "Loss 1/(2N) |f - y|^2 of gradient descent (points, bars: bootstrap 95 % over networks) and of the closed form with each "
                + "network's own kernel at the start (lines); geometric means over the same networks. He and the lowest stable ranks, at "
                + "the greatest width. Points side by side for sight.",
            [.. panels]) { RowHeight = 430 };
    }

    private static IEnumerable<Series> LossSeries(Cell cell, int index, bool isTest)
    {
        var colour = ColourOf(index);
        var marks = Enumerable.Range(0, cell.Runs[0].Marks.Count).Where(i => cell.Runs[0].Marks[i].Step > 0).ToList();
        yield return Series.Line(cell.Start.Name + ", predicted", colour, marks.Select(i => (
            (double)cell.Runs[0].Marks[i].Step,
            Geometric(cell, run => isTest ? run.Marks[i].PredictedTestLoss : run.Marks[i].PredictedLoss).Mean))) with { InLegend = false };

        // points of one step stand side by side
        yield return new Series(cell.Start.Name, SeriesKind.Points, colour, [.. marks.Select(i =>
        {
            var (mean, low, high) = Geometric(cell, run => isTest ? run.Marks[i].TestLoss : run.Marks[i].Loss);
            return new DataPoint(cell.Runs[0].Marks[i].Step * Math.Pow(1.04, index - 1), mean, low, high);
        })]) { Marker = (Marker)(index % 6) };
    }

    private static Figure WidthFigure(IReadOnlyList<List<Cell>> ladders)
    {
        var panels =
            from task in ladders.GroupBy(ladder => ladder[0].Task)
            from isDrift in new[] { false, true }
            select WidthPanel(
                $"{task.Key}: {(isDrift ? "drift of the kernel" : "error of the prediction")}", [.. task],
                isDrift ? run => run.Drift : run => run.Error);
        return new Figure(
            "width",
            "Error and drift against width",
            "Geometric means over networks with bootstrap 95 % intervals. Guides: width^{-1/2} (dashed), the bound, and width^{-1} "
                + "(dotted). Points side by side for sight.",
            [.. panels]) { RowHeight = 430 };
    }

    private static Panel WidthPanel(string title, IReadOnlyList<List<Cell>> ladders, Func<LazyRun, double> value)
    {
        var widths = ladders[0].Select(cell => (double)cell.Width).ToList();
        var (low, high) = (widths[0] / 1.25, widths[^1] * 1.25);
        var top = ladders.Max(ladder => Geometric(ladder[0], value).Mean);
        return new Panel(
            title,
            new Axis("width", AxisScale.Log2, low, high),
            new Axis("relative", AxisScale.Log10),
            [
                Series.Line("width^{-1/2}", Palette.Guide, widths.Select(width => (width, top * Math.Sqrt(widths[0] / width)))) with
                {
                    Stroke = Stroke.Dashed,
                },
                Series.Line("width^{-1}", Palette.Guide, widths.Select(width => (width, top * widths[0] / width))) with
                {
                    Stroke = Stroke.Dotted,
                },
                .. ladders.Select((ladder, i) => new Series(ladder[0].Start.Name, SeriesKind.Points, ColourOf(i), [.. ladder.Select(cell =>
                {
                    var (mean, least, most) = Geometric(cell, value);
                    return new DataPoint(cell.Width * Math.Pow(1.05, i - ((ladders.Count - 1) / 2.0)), mean, least, most);
                })]) { Marker = (Marker)(i % 6) }),
            ]);
    }

    private static Figure RatesFigure(IReadOnlyList<Cell> widest)
    {
        var panels =
            from task in widest.GroupBy(cell => cell.Task)
            from isLimit in new[] { false, true }
            select new Panel(
                $"{task.Key}, {(isLimit ? "limit kernel" : "own kernel at the start")}",
                new Axis("eigen-direction", Minimum: 0.5, Maximum: LazyRun.Directions + 0.5, TickStep: 1),
                new Axis("measured rate / predicted rate"),
                [
                    Series.Line("equal", Palette.Guide, [(0.5, 1), (LazyRun.Directions + 0.5, 1)]) with { InLegend = false },
                    .. task.Select((cell, i) => new Series(
                        cell.Start.Name, SeriesKind.Points, ColourOf(i),
                        [.. Enumerable.Range(0, LazyRun.Directions).Select(direction =>
                        {
                            var (mean, low, high) = Bootstrap.Mean(
                                [.. cell.Runs.Select(run => 1 + (isLimit ? run.LimitRates : run.OwnRates)[direction])]);
                            return new DataPoint(direction + 1 + (0.1 * (i - ((task.Count() - 1) / 2.0))), mean, low, high);
                        })]) { Marker = (Marker)(i % 6) }),
                ]);
        return new Figure(
            "rates",
            "Decay of the residual along eigen-directions",
            "Measured decay rate over the predicted η λ_i / N (per step: -log|1 - η λ_i / N|) at the greatest width, means over networks "
                + "with bootstrap 95 % intervals: left with the network's own kernel at the start, right with the limit kernel, which all "
                + "share. Directions by their shares of the residual, the greatest first. Mind the scales of the ordinates.",
            [.. panels]) { RowHeight = 430 };
    }

    private static ResultTable Table(IReadOnlyList<List<Cell>> ladders) => new(
        "Error, drift and alignment of the kernel with itself at the start, geometric means over networks",
        ["task", "start", "width", "p of a square layer", "error", "drift", "1 - alignment"],
        [.. from cell in ladders.SelectMany(ladder => ladder)
            select (IReadOnlyList<string>)
            [
                cell.Task, cell.Start.Name, cell.Width.ToString(CultureInfo.InvariantCulture),
                cell.ParticipationRank.ToString("0", CultureInfo.InvariantCulture), Text(Geometric(cell, run => run.Error)),
                Text(Geometric(cell, run => run.Drift)),
                cell.Runs.Average(run => 1 - run.Alignment).ToString("0.0E+0", CultureInfo.InvariantCulture),
            ]]);

    private static string Text((double Mean, double Low, double High) value) => string.Create(
        CultureInfo.InvariantCulture, $"{value.Mean:G2} [{value.Low:G2}, {value.High:G2}]");

    private static string ColourOf(int index) => Palette.Categorical[index % Palette.Categorical.Count];

    private static (double Mean, double Low, double High) Geometric(Cell cell, Func<LazyRun, double> value)
    {
        var (mean, low, high) = Bootstrap.Mean([.. cell.Runs.Select(run => Math.Log(value(run)))]);
        return (Math.Exp(mean), Math.Exp(low), Math.Exp(high));
    }
}
