using System.Globalization;
using StableRank.Experiments.Figures;
using StableRank.Experiments.Learning;
using StableRank.Experiments.Reporting;
using StableRank.Replication;
using StableRank.Spectra;

namespace StableRank.Experiments.Studies;

/// <content>The figures and the tables.</content>
internal sealed partial class LinearRegions
{
    /// <summary>Turns that spread successive shades most evenly: the golden section.</summary>
    private const double Turn = 0.6180339887498949;

    private static Figure SliceFigure(Findings found)
    {
        var shown = found.Slices.Where(run => run.Pictures.Count > 0).ToList();
        var panels =
            from moment in new[] { 0, 1 }
            from run in shown
            let count = moment == 0 ? run.Before : run.After
            select PicturePanel(
                $"r = {run.Rank}, {(moment == 0 ? "at the start" : "after training")}: "
                + count.ToString("N0", CultureInfo.InvariantCulture) + " regions",
                run.Pictures[moment]);
        return new Figure(
            "slices",
            "The plane through three digits, divided into linear regions",
            "Every polygon is one linear region, exactly; one network of either rank (means are in the table). Its "
                + "colour is the class that the network gives its middle; shades only tell neighbours apart. Above at the "
                + "start, below after training; on the left weights that start at a low "
                + $"stable rank, on the right at a high one. The white dots are the digits {string.Join(", ", Digits)}; lengths are those "
                + "of the input space, where features have mean square 1.",
            [.. panels]) { RowHeight = 440 };
    }

    private static Panel PicturePanel(string title, Picture picture)
    {
        double left = picture.Corners.Min(p => p.U), right = picture.Corners.Max(p => p.U);
        double bottom = picture.Corners.Min(p => p.V), top = picture.Corners.Max(p => p.V);
        var classes = picture.Tiles.Select(tile => tile.Class).Distinct().Order();
        return new Panel(
            title,
            new Axis($"distance along {Digits[0]} → {Digits[1]}", Minimum: left, Maximum: right),
            new Axis($"distance towards {Digits[2]}", Minimum: bottom, Maximum: top),
            [
                Series.Polygons("regions", picture.Tiles.Select((tile, i) => (
                    Palette.Lighter(Palette.Areas[tile.Class], 0.65 * (i * Turn % 1)),
                    tile.Corners.Select(p => (p.U, p.V))))),
                Series.Measured("digits", "#ffffff", picture.Points.Select(p => (p.U, p.V, 0.0))) with
                {
                    PointSize = 2.6, InLegend = false,
                },
                .. classes.Select(one => new Series(
                    one.ToString(CultureInfo.InvariantCulture), SeriesKind.Points, Palette.Areas[one], [])
                {
                    Marker = Marker.Square, PointSize = 1.4,
                }),
            ])
        {
            EqualUnits = true,
            LegendColumns = LearningTask.Classes,
            Labels =
            [
                .. picture.Points.Select((p, i) => new TextLabel(
                    p.U - ((right - left) / 120), p.V,
                    $"{{/:Bold {Digits[i].ToString(CultureInfo.InvariantCulture)}}}", "#000000")),
            ],
        };
    }

    private static Figure CountFigure(Findings found)
    {
        var depths = ShownDepths(found.Scope.Depth);
        return new Figure(
            "counts",
            "Regions along a segment against the stable rank",
            $"Means over {found.Scope.Networks} networks of {found.Scope.Width} neurons a layer, bars of two standard errors; lines: exact "
                + "without biases, the limit of wide networks of great stable rank with them. Flat spectra; hollow: power-law spectra of "
                + "the same stable rank.",
            [.. found.Scope.Biases.Select(bias => CountPanel(found, bias, depths))]) { Columns = found.Scope.Biases.Count, Width = 1320 };
    }

    private static Panel CountPanel(Findings found, double bias, IReadOnlyList<int> depths)
    {
        var (low, high) = (found.Scope.Ranks[0] / 1.3, found.Scope.Ranks[^1] * 1.3);
        return new Panel(
            bias == 0 ? "no biases" : string.Create(CultureInfo.InvariantCulture, $"σ_b^2 = {bias}"),
            new Axis("stable rank r", AxisScale.Log2, low, high),
            new Axis("linear regions", Minimum: 0, Maximum: 1.3 * found.Predicted(found.Scope.Width, 0, found.Scope.Depth)),
            [
                .. depths.Select((depth, i) => Series.Line(
                    "predicted", Palette.Sequential(i, depths.Count),
                    new[] { low, high }.Select(rank => (rank, found.Predicted(found.Scope.Width, bias, depth)))) with { InLegend = false }),
                .. from family in new[] { SpectralFamily.Flat, SpectralFamily.PowerLaw }
                   let cells = Ladder(found, family, bias)
                   where cells.Count > 0
                   from i in Enumerable.Range(0, depths.Count)
                   select Series.Measured(
                       $"{depths[i]} layer{(depths[i] == 1 ? string.Empty : "s")}", Palette.Sequential(i, depths.Count),
                       cells.Select(cell =>
                       {
                           var mean = Mean(cell, depths[i]);
                           return (cell.Ensemble.Rank * (family == SpectralFamily.Flat ? 1 : 1.12), mean.Mean, 2 * mean.StandardError);
                       })) with
                   {
                       Marker = (Marker)i, Hollow = family != SpectralFamily.Flat, InLegend = family == SpectralFamily.Flat,
                   },
            ]) { LegendColumns = 2 };
    }

    private static Figure ScatterFigure(Findings found)
    {
        var (scope, depths) = (found.Scope, ShownDepths(found.Scope.Depth));
        var ladder = Ladder(found, SpectralFamily.Flat, 0);
        return new Figure(
            "scatter",
            "What the stable rank does decide",
            "Left: the root mean square distance of a network's number of regions from the exact mean, relative to it, without biases. "
                + "Right: the mean number at each stable rank over that at the greatest, with the greatest biases; bars are two standard "
                + "errors.",
            [
                new Panel(
                    "scatter between networks, no biases",
                    new Axis("stable rank r", AxisScale.Log2, scope.Ranks[0] / 1.15, scope.Ranks[^1] * 1.15),
                    new Axis("relative scatter", Minimum: 0),
                    [
                        .. depths.Select((depth, i) => Series.Line(
                            $"{depth} layer{(depth == 1 ? string.Empty : "s")}", Palette.Sequential(i, depths.Count),
                            ladder.Select(cell => (cell.Ensemble.Rank, Scatter(found, cell, depth)))) with
                        {
                            InLegend = false,
                        }),
                        .. depths.Select((depth, i) => Series.Measured(
                            $"{depth} layer{(depth == 1 ? string.Empty : "s")}", Palette.Sequential(i, depths.Count),
                            ladder.Select(cell => (cell.Ensemble.Rank, Scatter(found, cell, depth), 0.0))) with
                        {
                            Marker = (Marker)i,
                        }),
                    ]),
                new Panel(
                    string.Create(CultureInfo.InvariantCulture, $"mean over that at r = {scope.Ranks[^1]}, σ_b^2 = {scope.Biases[^1]}"),
                    new Axis("layers", Minimum: 0.5, Maximum: scope.Depth + 0.5, TickStep: 1),
                    new Axis("ratio of regions"),
                    [
                        Series.Line("none", Palette.Guide, [(0.5, 1), (scope.Depth + 0.5, 1)]) with
                        {
                            InLegend = false, Stroke = Stroke.Dashed,
                        },
                        .. scope.Ranks.SkipLast(1).SelectMany((rank, i) => RatioSeries(found, rank, i)),
                    ]),
            ]);
    }

    private static IEnumerable<Series> RatioSeries(Findings found, int rank, int index)
    {
        var scope = found.Scope;
        var ladder = Ladder(found, SpectralFamily.Flat, scope.Biases[^1]);
        var colour = Palette.Sequential(index, scope.Ranks.Count - 1);
        var points = Enumerable.Range(1, scope.Depth).Select(depth =>
        {
            var ratio = Ratio(Mean(ladder.First(cell => (int)cell.Ensemble.Rank == rank), depth), Mean(ladder[^1], depth));
            return (depth + (0.06 * index), ratio.Mean, 2 * ratio.StandardError);
        }).ToList();
        yield return Series.Line($"r = {rank}", colour, points.Select(at => (at.Item1, at.Mean))) with { InLegend = false };
        yield return Series.Measured($"r = {rank}", colour, points) with { Marker = (Marker)index };
    }

    private static ResultTable CountTable(Findings found)
    {
        var depth = found.Scope.Depth;
        return new ResultTable(
            $"Regions along the segment, {depth} hidden layers",
            ["weights", "n", "σ_b^2", "regions", "exact or limit", "scatter", "pieces of the outputs"],
            [
                .. found.Cells.Select(cell => (IReadOnlyList<string>)
                [
                    cell.Ensemble.Name, F(cell.Ensemble.Width), F(cell.Ensemble.BiasVariance), PlusMinus(Mean(cell, depth)),
                    F(found.Predicted(cell.Ensemble.Width, cell.Ensemble.BiasVariance, depth), "0.0"),
                    F(Scatter(found, cell, depth), "0.000"),
                    PlusMinus(Estimate(cell.Networks.Select(network => (double)network.Pieces))),
                ]),
            ]);
    }

    private static ResultTable SliceTable(Findings found) => new(
        "Regions on the slice, before and after training (geometric means, factors with their 95 % intervals)",
        ["r at the start", "before", "after", "factor", "pieces before", "pieces after", "test accuracy"],
        [
            .. found.Slices.GroupBy(run => run.Rank).Select(runs =>
            {
                string Geometric(Func<SliceRun, int> value) => F(Math.Exp(runs.Average(run => Math.Log(value(run)))), "N0");
                return (IReadOnlyList<string>)
                [
                    F(runs.Key), Geometric(run => run.Before), Geometric(run => run.After), Factor([.. runs]),
                    Geometric(run => run.PiecesBefore), Geometric(run => run.PiecesAfter), F(runs.Average(run => run.Accuracy), "0.000"),
                ];
            }),
        ]);

    private static IReadOnlyList<int> ShownDepths(int depth) => [.. new[] { 1, 2, 4, depth }.Where(l => l <= depth).Distinct()];

    private static List<Cell> Ladder(Findings found, SpectralFamily family, double bias) =>
    [
        .. found.Cells.Where(cell => cell.Ensemble.Family == family && cell.Ensemble.BiasVariance == bias
            && cell.Ensemble.Width == found.Scope.Width),
    ];

    private static string PlusMinus(Estimate estimate) =>
        string.Create(CultureInfo.InvariantCulture, $"{estimate.Mean:0.0} ± {estimate.StandardError:0.0}");

    private static string F(double value, string format = "0.###") => value.ToString(format, CultureInfo.InvariantCulture);
}
