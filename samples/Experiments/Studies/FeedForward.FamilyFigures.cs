using StableRank.Experiments.Figures;
using StableRank.Propagation;
using StableRank.Replication;

namespace StableRank.Experiments.Studies;

/// <content>The figures that compare families of spectra.</content>
internal sealed partial class FeedForward
{
    private static readonly IReadOnlyList<Marker> Markers =
        [Marker.Circle, Marker.TriangleUp, Marker.Diamond, Marker.TriangleDown, Marker.Square];

    private static Figure FamiliesFigure(IReadOnlyList<Measurement> families)
    {
        var depth = families[0].Samples.Depth;
        var (low, high) = (families.Min(m => m.StableRank) / 1.4, families.Max(m => m.StableRank) * 1.4);
        var exact = families.DistinctBy(m => m.StableRank).Select(m => (m.StableRank, m.Exact[^1].SecondMoment));
        var means = new List<Series> { Series.Line($"(r/2n)^{{{depth}}}, exact", Palette.Theory, exact) };
        var growths = new List<Series> { Series.Line("exact", Palette.Theory, [(low, 1), (high, 1)]) };
        var groups = families.GroupBy(m => m.Family).ToList();
        for (var i = 0; i < groups.Count; i++)
        {
            // points that coincide are drawn one within the other, points to be compared side by side
            var nested = 1.7 - 1.2 * i / Math.Max(1, groups.Count - 1);
            var dodge = Math.Pow(1.045, i - (groups.Count - 1) / 2.0);
            var (name, colour, marker) = (groups[i].Key, Palette.Categorical[i], Markers[i]);
            var tested = groups[i].Where(m => m.MeanIsTestable(depth)).Select(m => MeanPoint(m, depth, m.StableRank));
            var heavy = groups[i].Where(m => !m.MeanIsTestable(depth)).Select(m => (m.StableRank, m.Samples.Mean(depth).Mean, 0.0));
            var growth = groups[i].Select(m => Growth(m.StableRank * dodge, m.Samples.Slope(), m.ExactSlope));
            means.Add(Series.Measured(name, colour, tested) with { Marker = marker, PointSize = nested });
            means.Add(Series.Measured($"{name}, tails too heavy", colour, heavy) with
            {
                Marker = marker, PointSize = nested, Hollow = true, InLegend = false,
            });
            growths.Add(Series.Measured(name, colour, growth) with { Marker = marker });
        }

        means.RemoveAll(one => one.Points.Count == 0 && !one.InLegend);
        means.Add(HeavyInLegend);
        var ranks = new Axis("stable rank r", AxisScale.Log2, low, high);
        return new Figure(
            "families",
            "The mean depends on the stable rank alone",
            $"(a) The mean squared norm after {depth} layers for {groups.Count} families of spectra at equal stable ranks, points "
                + "upon points, the later the smaller: one line, (4.4). (b) The growth a layer over its exact value, points side by "
                + "side for sight. Bars: two standard errors.",
            [
                new Panel($"Mean after {depth} layers", ranks, new Axis($"mean of ‖x_{{{depth}}}‖^2 / ‖x_0‖^2", AxisScale.Log10), means)
                {
                    Legend = LegendPlace.TopLeft,
                },
                new Panel("Growth a layer, measured over exact", ranks, new Axis("measured growth / (r/2n)"), growths)
                {
                    Legend = LegendPlace.None,
                },
            ]);
    }

    private static Figure SpreadFigure(IReadOnlyList<Measurement> families)
    {
        // the middle of the stable ranks on a logarithmic scale, where families differ most
        var shown = families.Select(m => m.StableRank).Distinct().OrderBy(r => Math.Abs(Math.Log(r / (families[0].Width / 4.0)))).First();
        return new Figure(
            "spread",
            "The spread depends on the participation rank",
            "(a) The standard deviation of a layer's factor ‖x_l‖^2 / ‖x_{l-1}‖^2 over its mean, for all families and stable ranks, "
                + "against the participation rank: one curve, (4.4). (b) The standard deviation of ‖x_l‖^2 over its mean at r = "
                + $"{shown} grows with depth, faster the lower p; lines: exact; colours as in (a). Hollow: the tails are too heavy "
                + "for this estimate to be tested. Bars: two standard errors.",
            [SpreadPanel(families), SpreadThroughDepthPanel([.. families.Where(m => m.StableRank == shown)])]);
    }

    private static Panel SpreadPanel(IReadOnlyList<Measurement> families)
    {
        var (low, high) = (families.Min(m => m.ParticipationRank), families.Max(m => m.ParticipationRank));
        var curve = Enumerable.Range(0, 81).Select(i => low * Math.Pow(high / low, i / 80.0))
            .Select(p => (p, Spread(LogSpreadOfLayer(families[0].Width, p))));
        var series = new List<Series> { Series.Line("exact (4.4)", Palette.Theory, curve) };
        var groups = families.GroupBy(m => m.Family).ToList();
        for (var i = 0; i < groups.Count; i++)
        {
            series.AddRange(SpreadSeries(
                groups[i].Key, i, groups[i].Select(m => (m.ParticipationRank, m.Samples.SpreadSlope(), m.SpreadSlopeIsTestable))));
        }

        return new Panel(
            "Spread of a layer's factor, all r",
            new Axis("participation rank p", AxisScale.Log2, low / 1.2, high * 1.2),
            new Axis("standard deviation / mean", Minimum: 0),
            series) { Legend = LegendPlace.TopRight };
    }

    private static Panel SpreadThroughDepthPanel(IReadOnlyList<Measurement> shown)
    {
        var series = new List<Series>();
        for (var i = 0; i < shown.Count; i++)
        {
            var m = shown[i];
            var shift = 0.05 * (i - (shown.Count - 1) / 2.0);
            var exact = m.Layers.Select(layer => ((double)layer, Spread(m.ExactLogSpread(layer))));
            series.Add(Series.Line($"exact, {m.Family}", Palette.Categorical[i], exact) with { InLegend = false });
            series.AddRange(SpreadSeries(
                $"p = {m.ParticipationRank:0.0}", i,
                m.Layers.Select(layer => (layer + shift, m.Samples.LogSpread(layer), m.SpreadIsTestable(layer)))));
        }

        return new Panel(
            $"Spread through depth, r = {shown[0].StableRank}",
            new Axis("layer l", Minimum: 0.5, Maximum: shown[0].Samples.Depth + 0.5, TickStep: 1),
            new Axis("standard deviation / mean", Minimum: 0),
            [.. series, ExactInLegend, HeavyInLegend]) { Legend = LegendPlace.TopLeft };
    }

    private static IEnumerable<Series> SpreadSeries(
        string label, int style, IEnumerable<(double X, Estimate LogSpread, bool Tested)> points)
    {
        var all = points.ToList();
        var empty = new Series(label, SeriesKind.Points, Palette.Categorical[style], []) { Marker = Markers[style] };
        yield return empty with { Points = [.. all.Where(point => point.Tested).Select(point => SpreadPoint(point.X, point.LogSpread))] };
        if (all.Any(point => !point.Tested))
        {
            yield return empty with
            {
                Label = label + ", tails too heavy", Hollow = true, InLegend = false,
                Points = [.. all.Where(point => !point.Tested).Select(point => SpreadPoint(point.X, point.LogSpread))],
            };
        }
    }

    /// <summary>log(E f^2/(E f)^2) of a square ReLU layer of participation rank p: theory (4.2) and (4.4).</summary>
    private static double LogSpreadOfLayer(int width, double participationRank)
    {
        var linear = width / (width + 2.0) * (1 + 2 / participationRank);
        return Math.Log(linear * SlopeMoments.Fourth(width, 0) / (SlopeMoments.Second(0) * SlopeMoments.Second(0)));
    }

    private static DataPoint SpreadPoint(double x, Estimate logSpread)
    {
        var half = BarsInStandardErrors * logSpread.StandardError;
        return new DataPoint(x, Spread(logSpread.Mean), Spread(logSpread.Mean - half), Spread(logSpread.Mean + half));
    }
}
