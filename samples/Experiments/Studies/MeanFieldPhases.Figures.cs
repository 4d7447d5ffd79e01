using StableRank.Experiments.Figures;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Replication;

namespace StableRank.Experiments.Studies;

/// <content>The figures.</content>
internal sealed partial class MeanFieldPhases
{
    private const double BarsInStandardErrors = 2;

    private static readonly IReadOnlyList<string> PhaseNames = ["ordered", "critical", "chaotic"];
    private static readonly IReadOnlyList<string> PhaseColours = [Palette.Categorical[0], Palette.Categorical[2], Palette.Categorical[1]];
    private static readonly Series MeasuredInLegend = new("measured", SeriesKind.Points, Palette.Theory, []);

    private static Figure MapsFigure(Findings found) => new(
        "maps",
        "The maps of one layer at three stable ranks",
        $"Lines: theory (4.7), g = 4r/n, σ_b^2 = {BiasVariance}. Points: one layer of width {found.Scope.Width}, means over "
            + $"{found.Scope.MapNetworks} networks, bars of two standard errors. (a) The length q' behind a layer against q; fixed points "
            + "q* lie on the "
            + "dotted diagonal. (b) Covariances at q = q*, over q*: the correlation c'. Below the critical stable rank the map meets the "
            + "diagonal at c = 1 only; above it c = 1 repels and the crossing c* attracts.",
        [LengthMapPanel(found), CorrelationMapPanel(found)]);

    private static Panel LengthMapPanel(Findings found)
    {
        const double top = 3;
        var series = new List<Series> { Diagonal(0, top) };
        var labels = new List<TextLabel>();
        foreach (var (m, i) in found.Maps.Select((m, i) => (m, i)))
        {
            series.Add(Series.Line(RankName(m.StableRank, i), PhaseColours[i], Range(0, top, 60).Select(q => (q, m.Map.Length(q))))
                with { InLegend = false });
            series.Add(Series.Measured(RankName(m.StableRank, i), PhaseColours[i], MapLengths.Select((q, j) =>
                (q, m.Lengths[j].Mean, BarsInStandardErrors * m.Lengths[j].StandardError))) with { InLegend = false });
            labels.Add(new TextLabel(top * 1.02, m.Map.Length(top), $"r = {F(m.StableRank, 0)}", PhaseColours[i]));
        }

        return new Panel("Length map", new Axis("q", Minimum: 0, Maximum: top), new Axis("q'", Minimum: 0, Maximum: top), series)
        {
            Legend = LegendPlace.None, Labels = labels, LabelRoom = 10,
        };
    }

    private static Panel CorrelationMapPanel(Findings found)
    {
        var series = new List<Series> { Diagonal(-0.7, 1) };
        foreach (var (m, i) in found.Maps.Select((m, i) => (m, i)))
        {
            series.Add(Series.Line(
                RankName(m.StableRank, i), PhaseColours[i], Range(-0.7, 1, 60).Select(c => (c, m.Map.Correlation(m.Length, c)))));
            series.Add(Series.Measured($"measured, {RankName(m.StableRank, i)}", PhaseColours[i], MapCorrelations.Select((c, j) =>
                (c, m.Covariances[j].Mean / m.Length, BarsInStandardErrors * m.Covariances[j].StandardError / m.Length)))
                    with { InLegend = false });
        }

        return new Panel(
            "Correlation map at q*", new Axis("c", Minimum: -0.7, Maximum: 1), new Axis("c'", Maximum: 1.02), [.. series, MeasuredInLegend])
        {
            Legend = LegendPlace.BottomRight,
        };
    }

    private static Figure DepthFigure(Findings found) => new(
        "depth",
        "Lengths and correlations through depth",
        $"Lines: theory (4.7), a limit. Points: networks of width {found.Scope.Width}, means over {found.Scope.DepthNetworks} networks, "
            + "bars of two standard "
            + "errors. Filled points and solid lines: pairs that start long and nearly orthogonal; hollow points and dashed lines: short "
            + "and nearly parallel. "
            + "Lengths forget where they began. Correlations go to 1 in the ordered phase, to c* below 1 in the chaotic one, "
            + "and between them slowly, as no power of a number below 1.",
        [
            DepthPanel(found, "Length q_l", t => [.. t.Limit.Select(l => l.LengthA)], t => t.Lengths,
                new Axis("q_l", AxisScale.Log10, 0.05, 20)),
            DepthPanel(found, "Correlation c_l", t => [.. t.Limit.Select(l => l.Correlation)], t => t.Correlations,
                new Axis("c_l", Minimum: 0, Maximum: 1.02)),
        ]);

    private static Panel DepthPanel(
        Findings found, string title, Func<Trajectory, IReadOnlyList<double>> limit, Func<Trajectory, IReadOnlyList<Estimate>> measured,
        Axis ordinate)
    {
        var series = new List<Series>();
        var labels = new List<TextLabel>();
        var depth = found.Scope.Depth;
        foreach (var (m, i) in found.Depths.Select((m, i) => (m, i)))
        {
            for (var start = 0; start < m.Trajectories.Count; start++)
            {
                var (line, points) = (limit(m.Trajectories[start]), measured(m.Trajectories[start]));
                var name = $"{RankName(m.StableRank, i)}, {(start == 0 ? "long" : "short")}";
                series.Add(Series.Line(name, PhaseColours[i], line.Select((y, l) => (l + 1.0, y))) with
                {
                    InLegend = false, Stroke = start == 0 ? Stroke.Solid : Stroke.Dashed,
                });
                series.Add(Series.Measured($"measured, {name}", PhaseColours[i], points.Select((e, l) =>
                    (l + 1.0, e.Mean, BarsInStandardErrors * e.StandardError))) with { InLegend = false, Hollow = start == 1 });
            }

            labels.Add(new TextLabel(depth + 0.8, limit(m.Trajectories[0])[^1], RankName(m.StableRank, i), PhaseColours[i]));
        }

        return new Panel(title, new Axis("layer l", Minimum: 0, Maximum: depth + 0.5), ordinate, series)
        {
            Legend = LegendPlace.None, Labels = labels, LabelRoom = 18,
        };
    }

    private static Figure PhaseFigure(Findings found) => new(
        "phases",
        "Phase diagram over stable rank and biases",
        $"Networks of width n = {found.Scope.PhaseWidth} and {found.Scope.PhaseDepth} layers, s_1 = 2, so that g = 4r/n. (a) Line: χ_1 = 1 "
            + "by theory (4.7). On it the critical stable rank as measured, bars of two standard errors. Beside it networks by their "
            + "measured χ_1: ordered where it lies below 1, chaotic where above, beyond doubt (0.1 % false alarms over all); hollow "
            + "where it cannot be told from 1. (b) χ_1 itself against the stable rank for three bias variances; bars of two standard "
            + "errors.",
        [DiagramPanel(found), SlopePanel(found)]);

    private static Panel DiagramPanel(Findings found)
    {
        var n = found.Scope.PhaseWidth;
        var bound = Measuring.Comparison.Bound(found.Grid.Count, (int)found.Grid[0].Slope.Count - 1, Reporting.Verdict.FalseAlarm);
        var line = Range(0, 1, 60).Select(t => 0.4 * t * t)
            .Select(b => (b, Critical(b) / (SpectralNorm * SpectralNorm) * n)).ToList();
        IEnumerable<(double, double, double)> Points(Func<PhaseMeasurement, bool> which) =>
            found.Grid.Where(which).Select(m => (m.BiasVariance, m.StableRank, 0.0));
        var ordered = Points(m => m.Slope.DeviationsFrom(1) < -bound);
        var chaotic = Points(m => m.Slope.DeviationsFrom(1) > bound);
        var undecided = Points(m => Math.Abs(m.Slope.DeviationsFrom(1)) <= bound);
        List<Series> series =
        [
            Series.Band("ordered phase", PhaseColours[0], line.Select(p => (p.Item1, 0.0, p.Item2))) with { InLegend = false },
            Series.Band("chaotic phase", PhaseColours[2], line.Select(p => (p.Item1, p.Item2, 0.7 * n))) with { InLegend = false },
            Series.Line("χ_1 = 1, theory", Palette.Theory, line),
            Series.Measured("ordered, measured", PhaseColours[0], ordered) with { Marker = Marker.TriangleDown, InLegend = false },
            Series.Measured("chaotic, measured", PhaseColours[2], chaotic) with { Marker = Marker.TriangleUp, InLegend = false },
            Series.Measured("too near 1 to tell", Palette.Theory, undecided) with { Hollow = true },
            Series.Measured("critical r, measured", PhaseColours[1], found.Line.Select(m =>
            {
                var (rank, error) = CriticalRank(m);
                return (m.BiasVariance, rank, BarsInStandardErrors * error);
            })),
        ];
        series.RemoveAll(one => one.Points.Count == 0);
        return new Panel("Phases", new Axis("bias variance σ_b^2", Minimum: 0, Maximum: 0.4),
            new Axis("stable rank r", Minimum: 0, Maximum: 0.7 * n), series)
        {
            Labels =
            [
                new TextLabel(0.02, 0.65 * n, "chaotic", PhaseColours[2]), new TextLabel(0.33, 0.04 * n, "ordered", PhaseColours[0]),
            ],
        };
    }

    private static Panel SlopePanel(Findings found)
    {
        var n = found.Scope.PhaseWidth;
        IReadOnlyList<double> biases = [GridBiases[0], GridBiases[2], GridBiases[^1]];
        var series = new List<Series> { Series.Line("χ_1 = 1", Palette.Guide, [(0, 1), (0.65 * n, 1)])
            with { Stroke = Stroke.Dotted, InLegend = false } };
        for (var i = 0; i < biases.Count; i++)
        {
            var (bias, colour) = (biases[i], Palette.Sequential(i, biases.Count));
            series.Add(Series.Line($"σ_b^2 = {bias}", colour, Range(0.05, 0.65, 50).Select(share =>
                (share * n, new MeanFieldMap(Activation.Erf, Gain(share), bias).Attractor().Slope))));
            series.Add(Series.Measured($"measured, σ_b^2 = {bias}", colour, found.Grid.Where(m => m.BiasVariance == bias).Select(m =>
                (m.StableRank, m.Slope.Mean, BarsInStandardErrors * m.Slope.StandardError))) with { InLegend = false });
        }

        return new Panel("Growth of tangents", new Axis("stable rank r", Minimum: 0, Maximum: 0.65 * n), new Axis("χ_1"),
            [.. series, MeasuredInLegend])
        {
            LegendColumns = 2,
        };
    }

    private static Figure JacobianFigure(Findings found) => new(
        "jacobians",
        "Participation ranks of products and Jacobians",
        $"(a) Products of linear layers of width {found.Scope.ProductWidth}: E (tr P)^2 / E tr P^2, P = J J^T. Solid: exact, (4.9). "
            + "Dashed: the limit of great widths, (4.8), which low ranks leave soon. Points: means over "
            + $"{found.Scope.ProductNetworks} products; hollow, and not tested, where the standard deviation of tr P exceeds √0.1 of its "
            + "mean by the exact moments. (b) Relative variance of the squared "
            + $"singular values of the Jacobians of erf networks of width {found.Scope.JacobianWidth}, gain 3, at three stable ranks. "
            + $"Lines: (4.8), a limit. Points: means over {found.Scope.JacobianNetworks} networks. Bars: two standard errors.",
        [ProductPanel(found), JacobianPanel(found)]);

    private static Panel ProductPanel(Findings found)
    {
        var series = new List<Series>();
        var labels = new List<TextLabel>();
        foreach (var (m, i) in found.Products.Select((m, i) => (m, i)))
        {
            var colour = Palette.Sequential(i, found.Products.Count);
            var name = $"r = {m.StableRank}";
            series.Add(Series.Line($"limit, {name}", colour, m.Limit.Select(l => ((double)l.Layer, l.ParticipationRank)))
                with { InLegend = false, Stroke = Stroke.Dashed, LineWidth = 1 });
            series.Add(Series.Line($"exact, {name}", colour, m.Exact.Select(l => ((double)l.Layer, l.ParticipationRank)))
                with { InLegend = false });
            foreach (var tested in new[] { true, false })
            {
                series.Add(Series.Measured($"measured, {name}{(tested ? "" : ", not tested")}", colour, m.Layers
                    .Where((_, l) => m.IsTestable(l) == tested)
                    .Select(l => ((double)l.Layer, l.ParticipationRank.Mean, BarsInStandardErrors * l.ParticipationRank.StandardError)))
                    with { InLegend = false, Hollow = !tested });
            }

            // the two lowest end together at rank one: their names stand apart
            labels.Add(new TextLabel(ProductDepth + 0.6, m.Exact[^1].ParticipationRank * (i == 0 ? 0.9 : 1.08), name, colour));
        }

        series.RemoveAll(one => one.Points.Count == 0);
        return new Panel(
            "Products of linear layers", new Axis("layer l", Minimum: 0, Maximum: ProductDepth + 0.3),
                new Axis("participation rank", AxisScale.Log2, 0.75, found.Scope.ProductWidth), series)
        {
            Legend = LegendPlace.None, Labels = labels, LabelRoom = 10,
        };
    }

    private static Panel JacobianPanel(Findings found)
    {
        var series = new List<Series>();
        var labels = new List<TextLabel>();
        foreach (var (m, i) in found.Jacobians.Select((m, i) => (m, i)))
        {
            var colour = Palette.Categorical[i];
            var name = $"r = {m.StableRank}";
            series.Add(Series.Line($"limit, {name}", colour, m.Limit.Select(l => ((double)l.Layer, l.RelativeVariance)))
                with { InLegend = false });
            series.Add(Series.Measured($"measured, {name}", colour, m.Layers.Select(l =>
                ((double)l.Layer, l.RelativeVariance.Mean, BarsInStandardErrors * l.RelativeVariance.StandardError)))
                    with { InLegend = false });
            labels.Add(new TextLabel(JacobianDepth + 0.3, m.Limit[^1].RelativeVariance, name, colour));
        }

        return new Panel(
            "Jacobians of erf networks", new Axis("layer l", Minimum: 0, Maximum: JacobianDepth + 0.2),
                new Axis("m_2 / m_1^2 - 1", Minimum: 0), series)
        {
            Legend = LegendPlace.None, Labels = labels, LabelRoom = 10,
        };
    }

    private static string RankName(double stableRank, int phase) => $"r = {F(stableRank, 0)}, {PhaseNames[phase]}";

    private static Series Diagonal(double low, double high) =>
        Series.Line("identity", Palette.Guide, [(low, low), (high, high)]) with { Stroke = Stroke.Dotted, InLegend = false };

    private static IEnumerable<double> Range(double low, double high, int steps) =>
        Enumerable.Range(0, steps + 1).Select(i => low + (high - low) * i / steps);
}
