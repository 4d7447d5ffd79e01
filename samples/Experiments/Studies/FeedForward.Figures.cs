using StableRank.Experiments.Figures;
using StableRank.Propagation;

namespace StableRank.Experiments.Studies;

/// <content>The figures.</content>
internal sealed partial class FeedForward
{
    private const double BarsInStandardErrors = 2;

    private static readonly IReadOnlyList<Marker> Markers = [Marker.Circle, Marker.TriangleUp, Marker.Diamond, Marker.TriangleDown, Marker.Square];

    private static Figure DepthFigure(IReadOnlyList<Measurement> ladder) => new(
        "depth",
        "Mean squared norm through depth",
        $"(a) Lines: exact, (4.4). Points: means over {ladder[0].Samples.Replicates} to {ladder[^1].Samples.Replicates} networks; hollow where the exact moments say that so few networks cannot carry the mean: there the "
            + "sample mean falls below it. (b) The same means, in the same colours, divided by the exact ones, where they can be tested. (c) The growth a layer, from the factors of all layers, against the stable rank: a "
            + "linear factor, r/2n. (d) The same, divided by r/2n. Bars: two standard errors over networks.",
        [FanPanel(ladder), RatioPanel(ladder), SlopePanel(ladder), SlopeRatioPanel(ladder)]);

    private static Panel FanPanel(IReadOnlyList<Measurement> ladder)
    {
        var series = new List<Series>();
        var labels = new List<TextLabel>();
        for (var i = 0; i < ladder.Count; i++)
        {
            var (m, colour) = (ladder[i], Palette.Sequential(i, ladder.Count));
            series.Add(Series.Line($"exact, r = {m.StableRank}", colour,
                [(0, 1), .. m.Layers.Select(layer => ((double)layer, m.Exact[layer - 1].SecondMoment))]) with { InLegend = false });
            series.Add(Series.Measured($"measured, r = {m.StableRank}", colour, m.Layers.Where(m.MeanIsTestable).Select(layer => Mean(m, layer, layer))) with { InLegend = false });
            series.Add(Series.Measured($"heavy tails, r = {m.StableRank}", colour,
                m.Layers.Where(layer => !m.MeanIsTestable(layer)).Select(layer => ((double)layer, m.Samples.Mean(layer).Mean, 0.0))) with { InLegend = false, Hollow = true });
            labels.Add(new TextLabel(m.Samples.Depth * 1.03, m.Exact[^1].SecondMoment, $"r = {m.StableRank}", colour));
        }

        series.RemoveAll(one => one.Points.Count == 0);
        series.Add(new Series("exact (4.4)", SeriesKind.Line, Palette.Theory, []));
        series.Add(new Series("measured", SeriesKind.Points, Palette.Theory, []));
        series.Add(new Series("tails too heavy", SeriesKind.Points, Palette.Theory, []) { Hollow = true });
        return new Panel(
            "Mean squared norm, s_1 = 1",
            new Axis("layer l", Minimum: 0, Maximum: ladder[0].Samples.Depth),
            new Axis("mean of ‖x_l‖^2 / ‖x_0‖^2", AxisScale.Log10),
            series) { Legend = LegendPlace.BottomLeft, Labels = labels, LabelRoom = 10 };
    }

    private static Panel RatioPanel(IReadOnlyList<Measurement> ladder)
    {
        var depth = ladder[0].Samples.Depth;
        var series = new List<Series> { Series.Line("exact (4.4)", Palette.Theory, [(0, 1), (depth + 1, 1)]) };
        for (var i = 0; i < ladder.Count; i++)
        {
            var m = ladder[i];
            var shift = 0.5 * ((double)i / Math.Max(1, ladder.Count - 1) - 0.5);
            var points = m.Layers.Where(m.MeanIsTestable).Select(layer => Relative(layer + shift, m.Samples.Mean(layer), m.Exact[layer - 1].SecondMoment));
            series.Add(Series.Measured($"r = {m.StableRank}", Palette.Sequential(i, ladder.Count), points));
        }

        series.RemoveAll(one => one.Points.Count == 0);
        return new Panel(
            "Measured over exact", new Axis("layer l", Minimum: 0, Maximum: depth + 1), new Axis("measured mean / exact mean"), series) { Legend = LegendPlace.None };
    }

    private static Panel SlopePanel(IReadOnlyList<Measurement> ladder) => new(
        $"Growth a layer, from all {ladder[0].Samples.Depth} layers",
        new Axis("stable rank r", AxisScale.Log2, 0.8, ladder[^1].StableRank * 1.25),
        new Axis("growth of the mean a layer", AxisScale.Log10, Math.Exp(ladder[0].ExactSlope) / 2, 1),
        [
            Series.Line("r/2n, exact", Palette.Theory, ladder.Select(m => (m.StableRank, Math.Exp(m.ExactSlope)))),
            Series.Measured("measured", Palette.Categorical[0], ladder.Select(m => Growth(m.StableRank, m.Samples.Slope(), 0))),
        ]) { Legend = LegendPlace.TopLeft };

    private static Panel SlopeRatioPanel(IReadOnlyList<Measurement> ladder) => new(
        "Growth a layer over r/2n",
        new Axis("stable rank r", AxisScale.Log2, 0.8, ladder[^1].StableRank * 1.25),
        new Axis("measured growth / (r/2n)"),
        [
            Series.Line("exact", Palette.Theory, [(0.8, 1), (ladder[^1].StableRank * 1.25, 1)]),
            Series.Measured("measured", Palette.Categorical[0], ladder.Select(m => Growth(m.StableRank, m.Samples.Slope(), m.ExactSlope))),
        ]) { Legend = LegendPlace.None };

    private static Figure FamiliesFigure(IReadOnlyList<Measurement> families)
    {
        var depth = families[0].Samples.Depth;
        var (low, high) = (families.Min(m => m.StableRank), families.Max(m => m.StableRank));
        var means = new List<Series>
        {
            Series.Line($"(r/2n)^{{{depth}}}, exact", Palette.Theory, families.GroupBy(m => m.StableRank).Select(group => (group.Key, group.First().Exact[^1].SecondMoment))),
        };
        var growths = new List<Series> { Series.Line("exact", Palette.Theory, [(low / 1.4, 1), (high * 1.4, 1)]) };
        var groups = families.GroupBy(m => m.Family).ToList();
        for (var i = 0; i < groups.Count; i++)
        {
            var dodge = Math.Pow(1.045, i - (groups.Count - 1) / 2.0);
            var style = (Colour: Palette.Categorical[i], Marker: Markers[i]);
            var nested = 1.7 - 1.2 * i / Math.Max(1, groups.Count - 1);
            means.Add(Series.Measured(groups[i].Key, style.Colour, groups[i].Where(m => m.MeanIsTestable(depth)).Select(m => Mean(m, depth, m.StableRank)))
                with { Marker = style.Marker, PointSize = nested });
            means.Add(Series.Measured($"{groups[i].Key}, tails too heavy", style.Colour, groups[i].Where(m => !m.MeanIsTestable(depth)).Select(m =>
                (m.StableRank, m.Samples.Mean(depth).Mean, 0.0))) with { Marker = style.Marker, PointSize = nested, Hollow = true, InLegend = false });
            growths.Add(Series.Measured(groups[i].Key, style.Colour, groups[i].Select(m => Growth(m.StableRank * dodge, m.Samples.Slope(), m.ExactSlope)))
                with { Marker = style.Marker });
        }

        means.RemoveAll(one => one.Points.Count == 0);
        means.Add(new Series("tails too heavy", SeriesKind.Points, Palette.Theory, []) { Hollow = true });
        return new Figure(
            "families",
            "The mean depends on the stable rank alone",
            $"(a) The mean squared norm after {depth} layers for {groups.Count} families of spectra at equal stable ranks, points upon points, the later the smaller: one line, (4.4). "
                + "(b) The growth a layer over its exact value, points side by side for sight. Bars: two standard errors.",
            [
                new Panel(
                    $"Mean after {depth} layers", new Axis("stable rank r", AxisScale.Log2, low / 1.4, high * 1.4),
                    new Axis($"mean of ‖x_{{{depth}}}‖^2 / ‖x_0‖^2", AxisScale.Log10), means) { Legend = LegendPlace.TopLeft },
                new Panel(
                    "Growth a layer, measured over exact", new Axis("stable rank r", AxisScale.Log2, low / 1.4, high * 1.4),
                    new Axis("measured growth / (r/2n)"), growths) { Legend = LegendPlace.None },
            ]);
    }

    private static Figure SpreadFigure(IReadOnlyList<Measurement> families)
    {
        var groups = families.GroupBy(m => m.Family).ToList();
        var width = families[0].Width;
        var (low, high) = (families.Min(m => m.ParticipationRank), families.Max(m => m.ParticipationRank));
        var curve = Enumerable.Range(0, 81).Select(i => low * Math.Pow(high / low, i / 80.0)).Select(p => (p, Spread(LogSpreadOfLayer(width, p))));
        var spread = new List<Series> { Series.Line("exact (4.4)", Palette.Theory, curve) };
        var shown = families.Select(m => m.StableRank).Distinct().OrderBy(r => Math.Abs(Math.Log(r / (width / 4.0)))).First();
        var depths = new List<Series>();
        for (var i = 0; i < groups.Count; i++)
        {
            var style = (Colour: Palette.Categorical[i], Marker: Markers[i]);
            spread.Add(Series.Measured(groups[i].Key, style.Colour, []) with
            {
                Marker = style.Marker, Points = [.. groups[i].Where(m => m.SpreadSlopeIsTestable).Select(m => SpreadPoint(m.ParticipationRank, m.Samples.SpreadSlope()))],
            });
            spread.Add(Series.Measured($"{groups[i].Key}, tails too heavy", style.Colour, []) with
            {
                Marker = style.Marker, Hollow = true, InLegend = false,
                Points = [.. groups[i].Where(m => !m.SpreadSlopeIsTestable).Select(m => SpreadPoint(m.ParticipationRank, m.Samples.SpreadSlope()))],
            });
            var one = groups[i].First(m => m.StableRank == shown);
            var shift = 0.05 * (i - (groups.Count - 1) / 2.0);
            depths.Add(Series.Line($"exact, {one.Family}", style.Colour, one.Layers.Select(layer => ((double)layer, Spread(one.ExactLogSpread(layer))))) with { InLegend = false });
            var measured = Series.Measured($"p = {one.ParticipationRank:0.0}", style.Colour, []) with { Marker = style.Marker };
            depths.Add(measured with { Points = [.. one.Layers.Where(one.SpreadIsTestable).Select(layer => SpreadPoint(layer + shift, one.Samples.LogSpread(layer)))] });
            depths.Add(measured with
            {
                Hollow = true, InLegend = false,
                Points = [.. one.Layers.Where(layer => !one.SpreadIsTestable(layer)).Select(layer => SpreadPoint(layer + shift, one.Samples.LogSpread(layer)))],
            });
        }

        spread.RemoveAll(one => one.Points.Count == 0 && !one.InLegend);
        depths.RemoveAll(one => one.Points.Count == 0 && !one.InLegend);
        depths.Add(new Series("exact (4.4)", SeriesKind.Line, Palette.Theory, []));
        depths.Add(new Series("tails too heavy", SeriesKind.Points, Palette.Theory, []) { Hollow = true });
        return new Figure(
            "spread",
            "The spread depends on the participation rank",
            "(a) The standard deviation of a layer's factor ‖x_l‖^2 / ‖x_{l-1}‖^2 over its mean, for all families and stable ranks, against the participation rank: one curve, (4.4). "
                + $"(b) The standard deviation of ‖x_l‖^2 over its mean at r = {shown} grows with depth, faster the lower p; lines: exact. Hollow: the tails are too heavy for this estimate. "
                + "Bars: two standard errors.",
            [
                new Panel(
                    "Spread of a layer's factor, all r", new Axis("participation rank p", AxisScale.Log2, low / 1.2, high * 1.2),
                    new Axis("standard deviation / mean", Minimum: 0), spread) { Legend = LegendPlace.TopRight },
                new Panel(
                    $"Spread through depth, r = {shown}", new Axis("layer l", Minimum: 0.5, Maximum: families[0].Samples.Depth + 0.5, TickStep: 1),
                    new Axis("standard deviation / mean", Minimum: 0), depths) { Legend = LegendPlace.TopLeft },
            ]);
    }

    private static Figure TypicalFigure(IReadOnlyList<Measurement> ladder, IReadOnlyList<Measurement> families)
    {
        var chosen = ladder.Where((m, i) => m.StableRank <= 8 || i == ladder.Count - 1).ToList();
        var depth = ladder[0].Samples.Depth;
        var falls = new List<Series>();
        var labels = new List<TextLabel>();
        for (var i = 0; i < chosen.Count; i++)
        {
            var (m, colour) = (chosen[i], Palette.Sequential(i, chosen.Count));
            var heavy = m.Layers.Where(layer => layer == m.Samples.Depth || !m.MeanIsTestable(layer + 1)).Where(_ => !m.MeanIsTestable(m.Samples.Depth));
            falls.Add(Series.Line($"mean of log, exact, r = {m.StableRank}", colour, [(0, 0), .. m.Layers.Select(layer => ((double)layer, -m.Exact[layer - 1].TypicalGap))])
                with { InLegend = false });
            falls.Add(Series.Line($"log of the sample mean, r = {m.StableRank}", colour,
                heavy.Select(layer => ((double)layer, Math.Log(m.Samples.Mean(layer).Mean) - m.Exact[layer - 1].LogSecondMoment)))
                with { InLegend = false, Stroke = Stroke.Dotted });
            falls.Add(Series.Measured($"mean of log, measured, r = {m.StableRank}", colour, m.Layers.Select(layer =>
            {
                var log = m.Samples.Log(layer);
                return ((double)layer, log.Mean - m.Exact[layer - 1].LogSecondMoment, BarsInStandardErrors * log.StandardError);
            })) with { InLegend = false });
            labels.Add(new TextLabel(depth * 1.03, -m.Exact[^1].TypicalGap, $"r = {m.StableRank}", colour));
        }

        falls.RemoveAll(one => one.Points.Count == 0);
        falls.Add(new Series("mean of the log, measured", SeriesKind.Points, Palette.Theory, []));
        falls.Add(new Series("mean of the log, exact (4.3)", SeriesKind.Line, Palette.Theory, []));
        falls.Add(new Series("log of the sample mean", SeriesKind.Line, Palette.Theory, []) { Stroke = Stroke.Dotted });
        return new Figure(
            "typical",
            "Typical networks lie below the mean",
            "(a) The mean of log ‖x_l‖^2 less the log of the exact mean: lines exact, points measured. Dotted, from where the tails are too heavy for "
                + $"{ladder[0].Samples.Replicates} networks: the log of the sample mean, which leaves the exact mean (0) and sinks towards the typical network. (b) The gap a layer against the participation rank, all families; lines: exact; dashed: 1/p - 1/n + 3/(2n), "
                + "half the relative variance of a layer's factor to first order. Bars: two standard errors.",
            [
                new Panel(
                    "Mean of the log less log of the mean", new Axis("layer l", Minimum: 0, Maximum: depth), new Axis("E log ‖x_l‖^2 - log E‖x_l‖^2"), falls)
                {
                    Legend = LegendPlace.BottomLeft, Labels = labels, LabelRoom = 10,
                },
                GapPanel(ladder, families),
            ]);
    }

    private static Panel GapPanel(IReadOnlyList<Measurement> ladder, IReadOnlyList<Measurement> families)
    {
        var width = ladder[0].Width;
        var gaps = new List<Series>
        {
            Series.Line("1/p - 1/n + 3/(2n)", Palette.Guide, ladder.Select(m => (m.ParticipationRank, 1 / m.ParticipationRank + 0.5 / width))) with { Stroke = Stroke.Dashed },
            new("exact (4.3)", SeriesKind.Line, Palette.Theory, []),
        };
        var groups = families.Concat(ladder).GroupBy(m => m.Family).ToList();
        for (var i = 0; i < groups.Count; i++)
        {
            var members = groups[i].OrderBy(m => m.ParticipationRank).ToList();
            gaps.Add(Series.Line($"{groups[i].Key}, exact", Palette.Categorical[i], members.Select(m => (m.ParticipationRank, m.Exact[0].TypicalGap)))
                with { InLegend = false, LineWidth = 1 });
            gaps.Add(Series.Measured(groups[i].Key, Palette.Categorical[i], members.Select(m =>
            {
                var log = m.Samples.Log(m.Samples.Depth);
                return (m.ParticipationRank, (m.Exact[^1].LogSecondMoment - log.Mean) / m.Samples.Depth, BarsInStandardErrors * log.StandardError / m.Samples.Depth);
            })) with { Marker = Markers[i] });
        }

        return new Panel(
            "Gap a layer", new Axis("participation rank p", AxisScale.Log2, 0.8, width * 1.25), new Axis("log E f_l - E log f_l", AxisScale.Log10, Maximum: 3), gaps)
        {
            Legend = LegendPlace.TopRight,
        };
    }

    /// <summary>log(E f^2/(E f)^2) of a square ReLU layer of participation rank p: theory (4.2) and (4.4).</summary>
    private static double LogSpreadOfLayer(int width, double participationRank)
    {
        var linear = width / (width + 2.0) * (1 + 2 / participationRank);
        return Math.Log(linear * SlopeMoments.Fourth(width, 0) / (SlopeMoments.Second(0) * SlopeMoments.Second(0)));
    }

    private static (double X, double Y, double Half) Mean(Measurement m, int layer, double x)
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

    private static DataPoint SpreadPoint(double x, Estimate logSpread) => new(
        x,
        Spread(logSpread.Mean),
        Spread(logSpread.Mean - BarsInStandardErrors * logSpread.StandardError),
        Spread(logSpread.Mean + BarsInStandardErrors * logSpread.StandardError));
}
