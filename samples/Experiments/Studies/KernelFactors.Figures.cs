using StableRank.Experiments.Figures;
using StableRank.Kernels;

namespace StableRank.Experiments.Studies;

/// <content>The figures.</content>
internal sealed partial class KernelFactors
{
    /// <summary>Where the abscissa of stable ranks ends: room for points side by side.</summary>
    private const double End = 1.06;

    private static readonly IReadOnlyList<Marker> Marks = [Marker.Circle, Marker.Square, Marker.TriangleUp, Marker.Diamond];

    private static Figure OneLayerFigure(Findings found) => new(
        "one-layer",
        "Kernels against the stable rank of one layer",
        $"Networks {string.Join("-", Sizes)}, means over {found.Scope.Networks} networks, bars of two standard errors; the four layers "
            + "side by side at each stable rank, over the layer's fan-out m. Lines: the limit, exact on the diagonal. (a) K(x, x) and (b) "
            + "Θ(x, x) in the parameterisation 'ntk' are proportional to every r_l: one line for all layers. (c) In 'standard' the "
            + "term of the layer itself lacks its gain: straight lines that miss zero. (d) Off the diagonal, Θ(x, x') of 'ntk' over its "
            + "limit: 1 as widths grow, not at these. Hollow: tails too heavy to be tested.",
        [
            LayerPanel(found, "NNGP kernel", "K(x, x)", v => v.Cell.Nngp, Proportional(v => v.Cell.Limit.Nngp[0, 0], found)),
            LayerPanel(found, "Tangent kernel, 'ntk'", "Θ(x, x)", v => v.Cell.Ntk, Proportional(v => v.Cell.Limit.Ntk[0, 0], found)),
            LayerPanel(found, "Tangent kernel, 'standard'", "Θ(x, x)", v => v.Standard, StandardLines(found)),
            PairPanel(found),
        ]);

    private static Panel LayerPanel(
        Findings found, string title, string ordinate, Func<Varied, KernelEstimate> measured, IEnumerable<Series> lines) => new(
        title, new Axis("r_l / m_l", Minimum: 0, Maximum: End), new Axis(ordinate, Minimum: 0),
        [
            .. lines,
            .. ByLayerPoints(found, v =>
            {
                var estimate = measured(v).At(0, 0);
                return (estimate.Mean, 2 * estimate.StandardError);
            }),
        ])
    {
        LegendColumns = 5,
    };

    private static Panel PairPanel(Findings found) => new(
        "Off the diagonal, 'ntk'", new Axis("r_l / m_l", Minimum: 0, Maximum: End), new Axis("Θ(x, x') / limit"),
        [
            Series.Line("limit", Palette.Theory, [(0, 1), (End, 1)]),
            .. ByLayerPoints(found, v =>
            {
                var (estimate, limit) = (v.Cell.Ntk.At(0, 1), v.Cell.Limit.Ntk[0, 1]);
                return (estimate.Mean / limit, 2 * estimate.StandardError / limit);
            }),
        ])
    {
        LegendColumns = 5,
    };

    private static IEnumerable<Series> ByLayerPoints(Findings found, Func<Varied, (double Y, double Half)> ordinate) =>
        from v in found.Varied
        group v by (v.Layer, v.Cell.Testable) into points
        orderby points.Key.Layer, points.Key.Testable descending
        let name = $"layer {points.Key.Layer}{(points.Key.Testable ? "" : ", not tested")}"
        select Series.Measured(name, Colour(points.Key.Layer), points.Select(v =>
        {
            var (y, half) = ordinate(v);
            return (v.Share + (0.014 * (v.Layer - 2.5)), y, half);
        })) with
        {
            Marker = Marks[points.Key.Layer - 1], Hollow = !points.Key.Testable, InLegend = points.Key.Testable,
        };

    private static IEnumerable<Series> Proportional(Func<Varied, double> exact, Findings found)
    {
        var whole = found.Varied.First(v => v.Share == Shares[^1]);
        return [Series.Line("limit", Palette.Theory, [(0, 0), (End, End * exact(whole))])];
    }

    private static IEnumerable<Series> StandardLines(Findings found) =>
        found.Varied.Where(v => v.Share == Shares[^1]).Select(v => Series.Line($"limit, layer {v.Layer}", Colour(v.Layer),
            [(0, v.OwnTerm), (End, v.OwnTerm + (End * (v.StandardLimit[0, 0] - v.OwnTerm)))]) with { InLegend = false })
            .Append(new Series("limit", SeriesKind.Line, Palette.Theory, []));

    private static Figure AllLayersFigure(Findings found) => new(
        "all-layers",
        "All stable ranks together: exponential in depth",
        $"Square ReLU layers of width {found.Scope.Width}, s_1 = {SpectralNorm:0}, means over {found.Scope.DepthNetworks} networks of each "
            + "depth, bars of two standard errors, on the diagonal. Lines: (g/2)^L and L (g/2)^L, g = 4 r / n, exact at this width. "
            + "Hollow: tails too heavy to be tested.",
        [
            DepthPanel(found, "NNGP kernel", "K(x, x)", cell => cell.Nngp, perLayer: _ => 1),
            DepthPanel(found, "Tangent kernel, 'ntk'", "Θ(x, x)", cell => cell.Ntk, perLayer: depth => depth),
        ]);

    private static Panel DepthPanel(
        Findings found, string title, string ordinate, Func<Cell, KernelEstimate> measured, Func<double, double> perLayer)
    {
        var series = new List<Series>();
        var labels = new List<TextLabel>();
        var (first, last) = (found.Scope.Depths[0], found.Scope.Depths[^1]);
        foreach (var (group, i) in found.Deep.GroupBy(d => d.Share).Select((group, i) => (group, i)))
        {
            var name = $"r/n = {group.Key:0.##}";
            var colour = Palette.Sequential(i, DepthShares.Count);
            var half = HalfGain(group.Key);
            series.Add(Series.Line($"exact, {name}", colour, Enumerable.Range(0, 41).Select(step =>
            {
                var depth = first + ((last - first) * step / 40.0);
                return (depth, perLayer(depth) * Math.Pow(half, depth));
            })) with { InLegend = false });
            foreach (var tested in (bool[])[true, false])
            {
                series.Add(Series.Measured($"measured, {name}{(tested ? "" : ", not tested")}", colour,
                    group.Where(d => d.Cell.Testable == tested).Select(d =>
                    {
                        var estimate = measured(d.Cell).At(0, 0);
                        return ((double)d.Depth, estimate.Mean, 2 * estimate.StandardError);
                    })) with { InLegend = false, Hollow = !tested });
            }

            labels.Add(new TextLabel(last + 0.25, perLayer(last) * Math.Pow(half, last), name, colour));
        }

        series.RemoveAll(one => one.Points.Count == 0);
        return new Panel(
            title, new Axis("layers L", Minimum: 0, Maximum: last + 0.15, TickStep: 1), new Axis(ordinate, AxisScale.Log10), series)
        {
            Legend = LegendPlace.None, Labels = labels, LabelRoom = 12,
        };
    }

    private static string Colour(int layer) => Palette.Categorical[layer - 1];
}
