using MathNet.Numerics.Distributions;
using StableRank.Experiments.Figures;
using StableRank.Kernels;

namespace StableRank.Experiments.Studies;

/// <content>The figures.</content>
internal sealed partial class KernelLimit
{
    private static Figure DeviationFigure(Findings found) => new(
        "deviation",
        "How far the tangent kernel of one network is from the limit",
        "Points: root mean squares over networks of ‖Θ - Θ_∞‖_F / ‖Θ_∞‖_F, bars of two standard errors. (a) Against the width: at fixed "
            + "r/k it falls like 1/√n (dotted: that slope); at a fixed participation rank it stays where it is, however wide: flat spectra "
            + $"of r = {FlatRank:0}, and spikes of full algebraic rank. Dashed: the spread that theory (5.5) with (4.2), (4.4) predicts. "
            + "(b) All of them against that prediction; on the dotted diagonal it is right.",
        [WidthPanel(found), CollapsePanel(found)]);

    private static Panel WidthPanel(Findings found)
    {
        var widths = found.Scope.Widths;
        var series = new List<Series>();
        var labels = new List<TextLabel>();
        foreach (var (curve, i) in found.Curves.Select((curve, i) => (curve, i)))
        {
            series.Add(Series.Line($"predicted, {curve.Name}", Colour(i), curve.Points.Select(p => ((double)p.Width, p.Predicted)))
                with { Stroke = Stroke.Dashed, InLegend = false });
            series.Add(Points(curve, i, point => point.Width));
            labels.Add(new TextLabel(1.1 * widths[^1], curve.Points[^1].Rms, curve.Name, Colour(i)));
        }

        var below = 0.55 * found.Curves.Min(curve => curve.Points[0].Rms);
        double Guide(int n) => below * Math.Sqrt((double)widths[0] / n);
        series.Add(Series.Line("1/√n", Palette.Guide, widths.Select(n => ((double)n, Guide(n)))) with { Stroke = Stroke.Dotted });
        labels.Add(new TextLabel(1.1 * widths[^1], Guide(widths[^1]), "1/√n", Palette.Guide));
        return new Panel(
            "Against the width", new Axis("width n", AxisScale.Log2, 0.85 * widths[0], 1.04 * widths[^1]),
            new Axis("relative deviation of one network", AxisScale.Log10, Bottom(found), Top(found)), series)
        {
            Legend = LegendPlace.None, Labels = labels, LabelRoom = 13,
        };
    }

    private static double Bottom(Findings found) => 0.4 * found.Curves.Min(curve => curve.Points.Min(p => p.Rms));

    private static double Top(Findings found) => 1.5 * found.Curves.Max(curve => curve.Points.Max(p => Math.Max(p.Rms, p.Predicted)));

    private static Panel CollapsePanel(Findings found)
    {
        var all = found.Curves.SelectMany(curve => curve.Points).ToList();
        var (low, high) = (0.7 * all.Min(p => p.Predicted), Top(found));
        return new Panel(
            "Against the prediction", new Axis("predicted spread", AxisScale.Log10, low, high),
            new Axis("relative deviation of one network", AxisScale.Log10, Bottom(found), Top(found)),
            [
                Series.Line("equal", Palette.Guide, [(low, low), (high, high)]) with { Stroke = Stroke.Dotted },
                .. found.Curves.Select((curve, i) => Points(curve, i, point => point.Predicted)),
            ])
        {
            Legend = LegendPlace.BottomRight,
        };
    }

    private static Series Points(Curve curve, int index, Func<SinglePoint, double> abscissa) =>
        Series.Measured(curve.Name, Colour(index), curve.Points.Select(p => (abscissa(p), p.Rms, 2 * p.StandardError)))
            with { Marker = Marks[index % Marks.Count], PointSize = 0.8 };

    private static readonly IReadOnlyList<Marker> Marks =
        [Marker.Circle, Marker.Square, Marker.TriangleUp, Marker.Diamond, Marker.Pentagon];

    private static string Colour(int index) => Palette.Categorical[index % Palette.Categorical.Count];

    private static Figure MeanFigure(Findings found) => new(
        "means",
        "Means over networks against the limit",
        $"Means over {found.Scope.MeanNetworks} networks of width {found.Scope.MeanWidth}; {found.Sets.Count} sets of networks, all "
            + "activations, depths and ranks. (a), (b) Deviations of all entries on and below the diagonal in standard errors; what lies "
            + "beyond 5 is counted in the last bars. Line: Student's t, which they follow if the limit is the mean; entries of one set "
            + "depend on one another, so the bars are rougher than independent ones would be. (c) The distance of the mean Θ from the "
            + "limit against the predicted spread over √networks; dotted: equal. (d) The worst entry of each set; dotted: four standard "
            + "errors.",
        [HistogramPanel(found, tangent: true), HistogramPanel(found, tangent: false), DistancePanel(found), WorstPanel(found)]);

    private static Panel HistogramPanel(Findings found, bool tangent)
    {
        const double width = 0.5, end = 5;
        var deviations = found.Sets.SelectMany(set => set.Deviations(tangent)).Where(double.IsFinite).ToList();
        var bars = new double[(int)(2 * end / width)];
        foreach (var deviation in deviations)
        {
            bars[Math.Clamp((int)Math.Floor((deviation + end) / width), 0, bars.Length - 1)] += 1 / (width * deviations.Count);
        }

        var degrees = found.Scope.MeanNetworks - 1;
        return new Panel(
            tangent ? "Tangent kernel" : "NNGP kernel",
            new Axis("(mean - limit) / standard error", Minimum: -end, Maximum: end),
            new Axis("density", Minimum: 0, Maximum: 1.4 * Math.Max(bars.Max(), 0.4)),
            [
                Series.Bars($"{deviations.Count} entries", Colour(tangent ? 0 : 2), 0.92 * width,
                    bars.Select((y, i) => (-end + ((i + 0.5) * width), y))),
                Series.Line($"Student's t, {degrees} degrees", Palette.Theory, Enumerable.Range(0, 101).Select(i =>
                {
                    var at = end * ((i / 50.0) - 1);
                    return (at, StudentT.PDF(0, 1, degrees, at));
                })),
            ])
        {
            Legend = LegendPlace.TopRight,
        };
    }

    private static Panel DistancePanel(Findings found)
    {
        double Predicted(MeanSet set) => set.Limit.RelativeSpread / Math.Sqrt(set.Ntk.Count);
        double Measured(MeanSet set) => KernelComparison.RelativeDistance(set.Ntk.Mean, set.Limit.Ntk);

        // whole decades: a logarithmic axis has its tick marks there
        double Decade(double value, Func<double, double> round) => Math.Pow(10, round(Math.Log10(value)));
        var (low, high) = (0.7 * found.Sets.Min(Predicted), Decade(found.Sets.Max(Predicted), Math.Ceiling));
        return new Panel(
            "Distance of the mean", new Axis("predicted spread / √networks", AxisScale.Log10, low, high),
            new Axis("‖mean Θ - Θ_∞‖ / ‖Θ_∞‖", AxisScale.Log10,
                Decade(found.Sets.Min(Measured), Math.Floor), Decade(found.Sets.Max(set => Math.Max(Measured(set), high)), Math.Ceiling)),
            [
                Series.Line("equal", Palette.Guide, [(low, low), (high, high)]) with { Stroke = Stroke.Dotted },
                .. ByActivation(found, set => (Predicted(set), Measured(set))),
            ])
        {
            Legend = LegendPlace.TopLeft,
        };
    }

    private static Panel WorstPanel(Findings found)
    {
        var (first, last) = (found.Scope.Depths[0] - 0.5, found.Scope.Depths[^1] + 0.5);
        double Worst(MeanSet set) => set.Deviations(true).Max(Math.Abs);
        return new Panel(
            "The worst entry of each set, tangent kernel",
            new Axis("hidden layers", Minimum: first, Maximum: last, TickStep: 1),
            new Axis("greatest |deviation|", Minimum: 0, Maximum: 1.4 * Math.Max(Counted, found.Sets.Max(Worst))),
            [
                Series.Line("four standard errors", Palette.Guide, [(first, Counted), (last, Counted)]) with { Stroke = Stroke.Dotted },
                .. ByActivation(found, set =>
                {
                    // activations and ranks side by side
                    var shift = (3 * Kinds.ToList().FindIndex(kind => kind.Activation.Name == set.Activation))
                        + Shares.ToList().IndexOf(set.Share);
                    return (set.Depth + (0.07 * (shift - 4)), Worst(set));
                }),
            ])
        {
            Legend = LegendPlace.TopRight,
        };
    }

    private static IEnumerable<Series> ByActivation(Findings found, Func<MeanSet, (double X, double Y)> place) =>
        found.Sets.GroupBy(set => set.Activation).Select((group, i) => Series.Measured(group.Key, Colour(i), group.Select(set =>
        {
            var (x, y) = place(set);
            return (x, y, 0.0);
        })) with { Marker = Marks[i], PointSize = 0.8 });
}
