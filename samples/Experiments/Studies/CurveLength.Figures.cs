using StableRank.Experiments.Figures;

namespace StableRank.Experiments.Studies;

/// <content>The figures.</content>
internal sealed partial class CurveLength
{
    private static Figure LengthFigure(Findings found) => new(
        "length",
        "Length with depth",
        $"(a) ReLU, n = {found.Scope.ReluWidth}: mean square speed of the image over the circle's; lines: (4.5), exact. (b) The same "
            + "networks: mean length over the circle's; lines: the root of (4.5), a bound. (c) erf, "
            + $"n = {found.Scope.ErfWidth}, before the activation: length over the circle's; lines: mean-field growth. Bars: two "
            + "standard errors.",
        [
            Depth("ReLU: mean square speed", "over the circle's", found.Relu, (set, l) => set.Exact[l].TangentFactor, (set, l) =>
                (set.Run.Layers[l].MeanSquareSpeed.Mean / set.Run.Input.MeanSquareSpeed,
                    set.Run.Layers[l].MeanSquareSpeed.StandardError / set.Run.Input.MeanSquareSpeed)),
            Depth("ReLU: length", "over the circle's", found.Relu, (set, l) => set.Exact[l].LengthFactorBound, (set, l) =>
                (set.Run.Layers[l].Length.Mean / set.Run.Input.Length, set.Run.Layers[l].Length.StandardError / set.Run.Input.Length)),
            Depth("erf: length", "over the circle's", found.Erf, (set, l) => set.Limit[l].PreActivations.Length / set.Run.Input.Length,
                (set, l) => (set.Run.Layers[l].Length.Mean / set.Run.Input.Length,
                    set.Run.Layers[l].Length.StandardError / set.Run.Input.Length)),
        ])
    {
        Columns = 3,
    };

    private static Figure CurvatureFigure(Findings found) => new(
        "curvature",
        "Curvature with depth and with width",
        "(a) erf: the angle by which the tangent of the image turns in all, over the circle's 2π; lines: mean-field growth. (b) The same: "
            + "curvature times the radius √n of the circle: high where the image is short (ordered), and in the chaotic phase near a level "
            + "that χ_1 and χ_2 set. (c) Total curvature behind three layers against the width, r = n/2: ReLU images have a kink for every "
            + "neuron that changes sign and no limit; the dashed line is the limit of erf. Bars: two standard errors.",
        [
            Depth("erf: total curvature", "over 2π", found.Erf, (set, l) => set.Limit[l].PreActivations.TotalCurvature / (2 * Math.PI),
                (set, l) => (set.Run.Layers[l].TotalCurvature.Mean / (2 * Math.PI),
                    set.Run.Layers[l].TotalCurvature.StandardError / (2 * Math.PI))),
            Depth("erf: curvature", "times √n", found.Erf, (set, l) => set.Limit[l].PreActivations.MeanCurvature * Math.Sqrt(set.Width),
                (set, l) => (set.Run.Layers[l].MeanCurvature.Mean * Math.Sqrt(set.Width),
                    set.Run.Layers[l].MeanCurvature.StandardError * Math.Sqrt(set.Width))),
            new Panel("three layers, r = n/2", new Axis("width n", AxisScale.Log2), new Axis("total curvature (rad)", AxisScale.Log10),
            [
                Widths("ReLU", Palette.Categorical[1], found.ReluWidths),
                Widths("erf", Palette.Categorical[0], found.ErfWidths),
                Series.Line("limit of erf", Palette.Theory, found.ErfWidths.Select(set =>
                    ((double)set.Width, set.Limit[^1].PostActivations.TotalCurvature))) with { Stroke = Stroke.Dashed },
            ])
            {
                Legend = LegendPlace.TopLeft,
            },
        ])
    {
        Columns = 3,
    };

    private static Figure SimilarityFigure(Findings found) => new(
        "self-similarity",
        "Self-similarity of the image",
        "erf networks: the mean cosine between two points of the image against their distance t along the circle, layer after layer from "
            + "dark to light (the circle itself: cos t, dotted). Lines: the limit (4.7). Bars: two standard errors. Below the critical "
            + "stable rank the image closes up into a point; above it points part within ever shorter distances.",
        [.. new[] { found.Erf[0], found.Erf[^1] }.Select(set => new Panel(
            $"r = {F(set.Share * set.Width, 0)}",
            new Axis("distance t", Minimum: 0, Maximum: Math.Round(Math.PI, 2)),
            new Axis("cosine", Minimum: -1.02, Maximum: 1.02),
            [
                Series.Line("circle", Palette.Guide, set.Run.Input.SelfSimilarity.Select((c, lag) => (lag * set.Run.Step, c)))
                    with { Stroke = Stroke.Dotted },
                .. set.Run.Layers.Where((_, l) => l % 2 == 0 || l == set.Run.Layers.Count - 1).Select(layer => Series.Measured(
                    $"l = {layer.Layer}", Palette.Sequential(layer.Layer - 1, set.Run.Layers.Count),
                    layer.SelfSimilarity.Select((c, lag) => (lag * set.Run.Step, c.Mean, 2 * c.StandardError)))),
                .. set.Run.Layers.Where((_, l) => l % 2 == 0 || l == set.Run.Layers.Count - 1).Select(layer => Series.Line(
                    $"limit, l = {layer.Layer}", Palette.Sequential(layer.Layer - 1, set.Run.Layers.Count),
                    set.Similarity.Select((c, lag) => (lag * set.Run.Step, c[layer.Layer - 1]))) with { InLegend = false, LineWidth = 1 }),
            ]))]);

    private static Series Widths(string label, string colour, IReadOnlyList<CurveSet> sets) => Series.Measured(
        label, colour, sets.Select(set => (
            (double)set.Width, set.Run.Layers[^1].TotalCurvature.Mean, 2 * set.Run.Layers[^1].TotalCurvature.StandardError)));

    private static Panel Depth(
        string title, string ordinate, IReadOnlyList<CurveSet> sets, Func<CurveSet, int, double> theory,
        Func<CurveSet, int, (double Mean, double Error)> measured)
    {
        var (series, labels) = (new List<Series>(), new List<TextLabel>());
        foreach (var (set, i) in sets.Select((set, i) => (set, i)))
        {
            var (colour, depth) = (Palette.Categorical[i], set.Run.Layers.Count);
            var name = $"r/n = {F(set.Share, 2)}";
            series.Add(Series.Line($"theory, {name}", colour, Enumerable.Range(0, depth).Select(l => (l + 1.0, theory(set, l))))
                with { InLegend = false });
            series.Add(Series.Measured(name, colour, Enumerable.Range(0, depth).Select(l =>
            {
                var (mean, error) = measured(set, l);
                return (l + 1.0, mean, 2 * error);
            })) with { InLegend = false });
            labels.Add(new TextLabel(depth + 0.6, theory(set, depth - 1), name, colour));
        }

        return new Panel(title, new Axis("layer l", Minimum: 0.5, Maximum: sets[0].Run.Layers.Count + 0.5),
            new Axis(ordinate, AxisScale.Log10), series)
        {
            Legend = LegendPlace.None, Labels = labels, LabelRoom = 12,
        };
    }
}
