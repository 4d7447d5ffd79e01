using StableRank.Experiments.Figures;
using StableRank.Propagation;
using StableRank.Replication;

namespace StableRank.Experiments.Studies;

/// <content>The figures of the ladder of stable ranks.</content>
internal sealed partial class FeedForward
{
    private const double BarsInStandardErrors = 2;

    private static readonly Series ExactInLegend = new("exact (4.4)", SeriesKind.Line, Palette.Theory, []);
    private static readonly Series HeavyInLegend = new("tails too heavy", SeriesKind.Points, Palette.Theory, []) { Hollow = true };

    private static Figure DepthFigure(IReadOnlyList<Measurement> ladder) => new(
        "depth",
        "Mean squared norm through depth",
        $"(a) Lines: exact, (4.4). Points: means over {Networks(ladder)} networks; hollow where the exact moments say that so few "
            + "networks cannot carry the mean: the sample mean then tends to fall below it. (b) The same means, in the same colours, "
            + "divided by the exact ones, where they can be tested. (c) The growth a layer, from the factors of all layers, against "
            + "the stable rank: a linear factor, r/2n. (d) The same, divided by r/2n. Bars: two standard errors over networks.",
        [FanPanel(ladder), RatioPanel(ladder), SlopePanel(ladder), SlopeRatioPanel(ladder)]);

    private static Panel FanPanel(IReadOnlyList<Measurement> ladder)
    {
        var series = new List<Series>();
        var labels = new List<TextLabel>();
        for (var i = 0; i < ladder.Count; i++)
        {
            var (m, colour) = (ladder[i], Palette.Sequential(i, ladder.Count));
            var exact = m.Layers.Select(layer => ((double)layer, m.Exact[layer - 1].SecondMoment));
            var tested = m.Layers.Where(m.MeanIsTestable).Select(layer => MeanPoint(m, layer, layer));
            var heavy = m.Layers.Where(layer => !m.MeanIsTestable(layer)).Select(layer => ((double)layer, m.Samples.Mean(layer).Mean, 0.0));
            series.Add(Series.Line($"exact, r = {m.StableRank}", colour, [(0, 1), .. exact]) with { InLegend = false });
            series.Add(Series.Measured($"measured, r = {m.StableRank}", colour, tested) with { InLegend = false });
            series.Add(Series.Measured($"tails too heavy, r = {m.StableRank}", colour, heavy) with { InLegend = false, Hollow = true });
            labels.Add(new TextLabel(m.Samples.Depth * 1.03, m.Exact[^1].SecondMoment, $"r = {m.StableRank}", colour));
        }

        series.RemoveAll(one => one.Points.Count == 0);
        return new Panel(
            "Mean squared norm, s_1 = 1",
            new Axis("layer l", Minimum: 0, Maximum: ladder[0].Samples.Depth),
            new Axis("mean of ‖x_l‖^2 / ‖x_0‖^2", AxisScale.Log10),
            [.. series, ExactInLegend, new Series("measured", SeriesKind.Points, Palette.Theory, []), HeavyInLegend])
        {
            Legend = LegendPlace.BottomLeft, Labels = labels, LabelRoom = 10,
        };
    }

    private static Panel RatioPanel(IReadOnlyList<Measurement> ladder)
    {
        var depth = ladder[0].Samples.Depth;
        var series = new List<Series> { Series.Line("exact (4.4)", Palette.Theory, [(0, 1), (depth + 1, 1)]) };
        for (var i = 0; i < ladder.Count; i++)
        {
            var m = ladder[i];
            var shift = 0.5 * ((double)i / Math.Max(1, ladder.Count - 1) - 0.5);
            var points = m.Layers.Where(m.MeanIsTestable)
                .Select(layer => Relative(layer + shift, m.Samples.Mean(layer), m.Exact[layer - 1].SecondMoment));
            series.Add(Series.Measured($"r = {m.StableRank}", Palette.Sequential(i, ladder.Count), points));
        }

        series.RemoveAll(one => one.Points.Count == 0);
        var layers = new Axis("layer l", Minimum: 0, Maximum: depth + 1);
        return new Panel("Measured over exact", layers, new Axis("measured mean / exact mean"), series) { Legend = LegendPlace.None };
    }

    private static Panel SlopePanel(IReadOnlyList<Measurement> ladder) => new(
        $"Growth a layer, from all {ladder[0].Samples.Depth} layers",
        RankAxis(ladder),
        new Axis("growth of the mean a layer", AxisScale.Log10, Math.Exp(ladder[0].ExactSlope) / 2, 1),
        [
            Series.Line("r/2n, exact", Palette.Theory, ladder.Select(m => (m.StableRank, Math.Exp(m.ExactSlope)))),
            Series.Measured("measured", Palette.Categorical[0], ladder.Select(m => Growth(m.StableRank, m.Samples.Slope(), 0))),
        ]) { Legend = LegendPlace.TopLeft };

    private static Panel SlopeRatioPanel(IReadOnlyList<Measurement> ladder) => new(
        "Growth a layer over r/2n",
        RankAxis(ladder),
        new Axis("measured growth / (r/2n)"),
        [
            Series.Line("exact", Palette.Theory, [(RankAxis(ladder).Minimum!.Value, 1), (RankAxis(ladder).Maximum!.Value, 1)]),
            Series.Measured("measured", Palette.Categorical[0], ladder.Select(m => Growth(m.StableRank, m.Samples.Slope(), m.ExactSlope))),
        ]) { Legend = LegendPlace.None };

    private static Figure TypicalFigure(IReadOnlyList<Measurement> ladder, IReadOnlyList<Measurement> families) => new(
        "typical",
        "Typical networks lie below the mean",
        "(a) The mean of log ‖x_l‖^2 less the log of the exact mean: lines exact, points measured. Dotted, from where the tails are "
            + $"too heavy for the {ladder[0].Samples.Replicates} networks: the log of the sample mean, which leaves the exact mean "
            + "(0) and sinks towards the typical network. (b) The gap a layer against the participation rank, all families; lines: "
            + "exact; dashed: 1/p - 1/n + 3/(2n), half the relative variance of a layer's factor to first order. Bars: two standard "
            + "errors.",
        [FallPanel(ladder), GapPanel(ladder, families)]);

    private static Panel FallPanel(IReadOnlyList<Measurement> ladder)
    {
        var chosen = ladder.Where((m, i) => m.StableRank <= 8 || i == ladder.Count - 1).ToList();
        var depth = ladder[0].Samples.Depth;
        var series = new List<Series>();
        var labels = new List<TextLabel>();
        for (var i = 0; i < chosen.Count; i++)
        {
            var (m, colour) = (chosen[i], Palette.Sequential(i, chosen.Count));
            var exact = m.Layers.Select(layer => ((double)layer, -m.Exact[layer - 1].TypicalGap));
            var sampled = m.Layers.Where(layer => !m.MeanIsTestable(layer))
                .Select(layer => ((double)layer, Math.Log(m.Samples.Mean(layer).Mean) - m.Exact[layer - 1].LogSecondMoment));
            var measured = m.Layers.Select(layer =>
            {
                var log = m.Samples.Log(layer);
                return ((double)layer, log.Mean - m.Exact[layer - 1].LogSecondMoment, BarsInStandardErrors * log.StandardError);
            });
            series.Add(Series.Line($"mean of the log, exact, r = {m.StableRank}", colour, [(0, 0), .. exact]) with { InLegend = false });
            series.Add(Series.Line($"log of the sample mean, r = {m.StableRank}", colour, sampled) with
            {
                InLegend = false, Stroke = Stroke.Dotted,
            });
            series.Add(Series.Measured($"mean of the log, measured, r = {m.StableRank}", colour, measured) with { InLegend = false });
            labels.Add(new TextLabel(depth * 1.03, -m.Exact[^1].TypicalGap, $"r = {m.StableRank}", colour));
        }

        series.RemoveAll(one => one.Points.Count == 0);
        series.Add(new Series("mean of the log, measured", SeriesKind.Points, Palette.Theory, []));
        series.Add(new Series("mean of the log, exact (4.3)", SeriesKind.Line, Palette.Theory, []));
        series.Add(new Series("log of the sample mean", SeriesKind.Line, Palette.Theory, []) { Stroke = Stroke.Dotted });
        return new Panel(
            "Mean of the log less log of the mean",
            new Axis("layer l", Minimum: 0, Maximum: depth),
            new Axis("E log ‖x_l‖^2 - log E‖x_l‖^2"),
            series)
        {
            Legend = LegendPlace.BottomLeft, Labels = labels, LabelRoom = 10,
        };
    }

    private static Panel GapPanel(IReadOnlyList<Measurement> ladder, IReadOnlyList<Measurement> families)
    {
        var width = ladder[0].Width;
        var firstOrder = ladder.Select(m => (m.ParticipationRank, 1 / m.ParticipationRank + 0.5 / width));
        var series = new List<Series>
        {
            Series.Line("1/p - 1/n + 3/(2n)", Palette.Guide, firstOrder) with { Stroke = Stroke.Dashed },
            new("exact (4.3)", SeriesKind.Line, Palette.Theory, []),
        };
        var groups = families.Concat(ladder).GroupBy(m => m.Family).ToList();
        for (var i = 0; i < groups.Count; i++)
        {
            var members = groups[i].OrderBy(m => m.ParticipationRank).ToList();
            var exact = members.Select(m => (m.ParticipationRank, m.Exact[0].TypicalGap));
            var measured = members.Select(m =>
            {
                var (depth, log) = (m.Samples.Depth, m.Samples.Log(m.Samples.Depth));
                var gap = (m.Exact[^1].LogSecondMoment - log.Mean) / depth;
                return (m.ParticipationRank, gap, BarsInStandardErrors * log.StandardError / depth);
            });
            series.Add(Series.Line($"{groups[i].Key}, exact", Palette.Categorical[i], exact) with { InLegend = false, LineWidth = 1 });
            series.Add(Series.Measured(groups[i].Key, Palette.Categorical[i], measured) with { Marker = Markers[i] });
        }

        return new Panel(
            "Gap a layer",
            new Axis("participation rank p", AxisScale.Log2, 0.8, width * 1.25),
            new Axis("log E f_l - E log f_l", AxisScale.Log10, Maximum: 3),
            series) { Legend = LegendPlace.TopRight };
    }

    private static Axis RankAxis(IReadOnlyList<Measurement> ladder) =>
        new("stable rank r", AxisScale.Log2, 0.8 * ladder[0].StableRank, 1.25 * ladder[^1].StableRank);

    private static (double X, double Y, double Half) MeanPoint(Measurement m, int layer, double x)
    {
        var mean = m.Samples.Mean(layer);
        return (x, mean.Mean, BarsInStandardErrors * mean.StandardError);
    }

    private static (double X, double Y, double Half) Relative(double x, Estimate measured, double exact) =>
        (x, measured.Mean / exact, BarsInStandardErrors * measured.StandardError / exact);

    private static (double X, double Y, double Half) Growth(double x, Estimate slope, double exactSlope)
    {
        var growth = Math.Exp(slope.Mean - exactSlope);
        return (x, growth, BarsInStandardErrors * growth * slope.StandardError);
    }
}
