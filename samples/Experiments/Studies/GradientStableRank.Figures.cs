using StableRank.Experiments.Figures;

namespace StableRank.Experiments.Studies;

/// <content>The figures.</content>
internal sealed partial class GradientStableRank
{
    /// <summary>Where the abscissa of stable ranks ends: room for points side by side.</summary>
    private const double End = 1.06;

    private static Figure FactorsFigure(Findings found) => new(
        "factors",
        "Stable ranks as linear factors of gradients",
        $"Linear networks {Widths(found)}, Gaussian data, means over {found.Scope.Networks} networks, bars of two standard errors. One "
            + "layer's stable rank runs, the others stay at half of theirs; side by side, which layer it is. Lines: (6.7). A gradient "
            + "does not feel its own layer. Hollow: tails too heavy to be tested.",
        [.. new[] { 1, Depth - 1 }.Select(layer => new Panel(
            $"Gradient of layer {layer}", new Axis("r_j / k_j", Minimum: 0, Maximum: End), new Axis("E‖G‖^2 / ‖C‖^2", Minimum: 0),
            [.. Enumerable.Range(1, Depth).SelectMany(varied => FactorSeries(found, layer, varied))]) { LegendColumns = 4 })]);

    private static IEnumerable<Series> FactorSeries(Findings found, int layer, int varied)
    {
        var cells = found.Cells.Where(cell => cell.Varied == varied).OrderBy(cell => cell.Share).ToList();
        var whole = cells[^1].Exact[layer - 1];
        var squaredC = Math.Exp(whole.LogSquaredNorm - whole.LogFactors.Sum());
        var top = whole.SquaredNorm / squaredC;
        var colour = Palette.Categorical[varied - 1];
        yield return Series.Line($"(6.7), layer {varied}", colour, varied == layer ? [(0, top), (End, top)] : [(0, 0), (End, End * top)])
            with { InLegend = false };
        foreach (var tested in (bool[])[true, false])
        {
            var points = cells.Where(cell => cell.NormIsTestable(layer) == tested).Select(cell =>
            {
                var norm = cell.SquaredNorms[layer - 1];
                return (cell.Share + (0.014 * (varied - 2.5)), norm.Mean / squaredC, 2 * norm.StandardError / squaredC);
            });
            yield return Series.Measured($"j = {varied}{(tested ? "" : ", not tested")}", colour, points) with
            {
                Marker = (Marker)(varied - 1), Hollow = !tested, InLegend = tested,
            };
        }
    }

    private static Figure RanksFigure(Findings found) => new(
        "ranks",
        "Participation ranks of gradients",
        "E‖G‖^4 / E tr (GG^T)^2 of linear networks, all layers at one share of their greatest stable rank, bars of two standard errors; "
        + "lines: (6.7). (a) Gaussian data. (b) Digits, cross-entropy at outputs of zero: C has rank 9. Hollow: tails too heavy to be "
        + "tested.",
        [.. found.Cells.Where(cell => cell.Varied is null && cell.Data != OneSample).GroupBy(cell => cell.Data).Select(group => new Panel(
            group.Key == "digits" ? "Digits" : "Gaussian data", new Axis("r / k", Minimum: 0, Maximum: End),
            new Axis("participation rank", Minimum: 0),
            [.. Enumerable.Range(1, Depth).SelectMany(l => RankSeries(group.Where(cell => cell.Slope == 1), l))]) { LegendColumns = 4 })]);

    private static IEnumerable<Series> RankSeries(IEnumerable<Cell> linear, int layer)
    {
        var cells = linear.OrderBy(cell => cell.Share).ToList();
        var colour = Palette.Categorical[layer - 1];
        yield return Series.Line($"(6.7), layer {layer}", colour, cells.Select(cell => (
            cell.Share, cell.Exact[layer - 1].ParticipationRank))) with { InLegend = false };
        foreach (var tested in (bool[])[true, false])
        {
            yield return new Series(
                $"layer {layer}{(tested ? "" : ", not tested")}", SeriesKind.Points, colour,
                [.. cells.Where(cell => cell.RankIsTestable(layer) == tested).Select(cell => RankPoint(cell, layer, 1))])
            {
                Marker = (Marker)(layer - 1), Hollow = !tested, InLegend = tested,
            };
        }
    }

    private static DataPoint RankPoint(Cell cell, int layer, double over)
    {
        var log = cell.LogRanks[layer - 1];
        return new DataPoint(
            cell.Share + (0.012 * (layer - 2.5)), Math.Exp(log.Mean) / over, Math.Exp(log.Mean - (2 * log.StandardError)) / over,
            Math.Exp(log.Mean + (2 * log.StandardError)) / over);
    }

    private static Figure RectifierFigure(Findings found) => new(
        "rectifiers",
        "Leaky ReLU against the linear formula",
        "Gradients over what (6.7) says of the linear network, means of the four layers' logarithms, bars from the least layer to the "
        + "greatest. Above: E‖G‖^2, the formula being multiplied by (1 + a^2)/2 for each of the three activations: exact for one sample. "
        + "Below: participation ranks.",
        [
            .. found.Cells.Select(cell => cell.Data).Distinct().Select(data => RectifierPanel(found, data, "squared norm", (cell, l) =>
                NormRatio(cell, l).Mean)),
            .. found.Cells.Select(cell => cell.Data).Distinct().Where(data => data != OneSample).Select(data => RectifierPanel(
                found, data, "participation rank", (cell, l) => Math.Exp(cell.LogRanks[l - 1].Mean) / cell.Exact[l - 1].ParticipationRank)),
        ])
    {
        Columns = 3, Width = 1300,
    };

    private static Panel RectifierPanel(Findings found, string data, string what, Func<Cell, int, double> ratio) => new(
        $"{data}, {what}", new Axis("r / k", Minimum: 0, Maximum: End), new Axis("over (6.7)", Minimum: 0),
        [
            Series.Line("(6.7)", Palette.Theory, [(0, 1), (End, 1)]),
            .. Slopes.Select((slope, i) => new Series($"a = {Text($"{slope}")}", SeriesKind.Points, Palette.Categorical[i],
                [
                    .. found.Cells.Where(cell => cell.Data == data && cell.Slope == slope && cell.Varied is null).Select(cell =>
                    {
                        double[] all = [.. Enumerable.Range(1, Depth).Select(l => ratio(cell, l))];
                        return new DataPoint(
                            cell.Share + (0.014 * (i - 1.5)), Math.Exp(all.Average(Math.Log)), all.Min(), all.Max());
                    }),
                ]) { Marker = (Marker)i }),
        ]) { LegendColumns = 3 };

    private static Figure DirectionsFigure(Findings found)
    {
        var shown = found.Scope.StableRanks[found.Scope.StableRanks.Count / 2];
        return new Figure(
            "directions",
            "Directions that one layer's stable rank leaves",
            $"Square linear networks of width {found.Scope.Width}; layer 2 has the stable rank r, the others are orthogonal; gradient of "
            + "layer 3, "
                + $"{found.Scope.DirectionNetworks} networks each. (a) Fewest directions that hold {1 - Outside:0 %} of E‖G‖^2; (b) "
                + "singular values "
                + $"above {Text($"{Tolerance}")} ‖C‖_2 Π s_1, means and their range; (c) share outside the best k, r = "
                + $"{Text($"{shown}")}. Lines: "
                + "the bounds from the spectra of C and of the layers; dashed: from r alone.",
            [
                new Panel(
                    $"Holding {1 - Outside:0 %} of E‖G‖^2", new Axis("stable rank r", AxisScale.Log2), new Axis("directions", Minimum: 0),
                    [.. ByFamily(found, (of, i) => [
                        BoundLine(of, i, one => one.Bound.CountHolding(Outside)),
                        new Series(of[0].Family, SeriesKind.Points, Palette.Categorical[i],
                            [.. of.Select(one => new DataPoint(one.StableRank, one.Holding, one.Holding, one.Holding))])
                        { Marker = (Marker)i },
                    ])]),
                new Panel(
                    "Above the tolerance", new Axis("stable rank r", AxisScale.Log2), new Axis("directions", Minimum: 0),
                    [
                        Series.Line("r alone", Palette.Guide, found.Directions.Take(found.Scope.StableRanks.Count).Select(one => (
                            one.StableRank, Math.Min(
                                found.Scope.Width, GradientRank.GradientDirections.CountOfStableRank(one.StableRank, Tolerance)))))
                            with { Stroke = Stroke.Dashed },
                        .. ByFamily(found, (of, i) => [
                            BoundLine(of, i, one => one.Bound.CountAbove(one.Bound.LogNorm + Math.Log(Tolerance))),
                            new Series(of[0].Family, SeriesKind.Points, Palette.Categorical[i],
                                [.. of.Select(one => new DataPoint(
                                    one.StableRank, one.Counts.Average(), one.Counts.Min(), one.Counts.Max()))])
                            { Marker = (Marker)i },
                        ]),
                    ]),
                new Panel(
                    $"Outside the best k, r = {Text($"{shown}")}", new Axis("k", Minimum: 0),
                    new Axis("share of E‖G‖^2", Minimum: 0, Maximum: 1.05),
                    [.. ByFamily(found, (of, i) =>
                    {
                        var one = of.First(at => at.StableRank == shown);
                        return
                        [
                            Series.Line($"bound, {one.Family}", Palette.Categorical[i],
                                one.Bound.SquaredNormOutside.Select((share, k) => ((double)k, share))) with { InLegend = false },
                            Series.Measured(one.Family, Palette.Categorical[i],
                                one.OutsideMeans.Select((mean, k) => ((double)k, mean, 2 * one.OutsideErrors[k]))) with
                            {
                                Marker = (Marker)i, PointSize = 0.45,
                            },
                        ];
                    })]),
            ])
        {
            Columns = 3, Width = 1300,
        };
    }

    private static IEnumerable<Series> ByFamily(Findings found, Func<IReadOnlyList<Directions>, int, IEnumerable<Series>> make) =>
        found.Directions.GroupBy(one => one.Family).SelectMany((group, i) => make([.. group], i));

    private static Series BoundLine(IReadOnlyList<Directions> of, int index, Func<Directions, int> bound) =>
        Series.Line($"bound, {of[0].Family}", Palette.Categorical[index], of.Select(one => (one.StableRank, (double)bound(one))))
            with { InLegend = false };

    private static string Widths(Findings found) =>
        string.Join("-", [found.Scope.Hidden[0] + 4, .. found.Scope.Hidden, found.Scope.Outputs]);
}
