using StableRank.Experiments.Measuring;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.GradientRank;
using StableRank.Replication;

namespace StableRank.Experiments.Studies;

/// <content>What the measurements say.</content>
internal sealed partial class GradientStableRank
{
    /// <summary>What the measurements say, with nothing measured anew.</summary>
    internal static ExperimentResult Judge(Findings found)
    {
        var linear = found.Cells.Where(cell => cell.Slope == 1).ToList();
        var hollow = linear.Sum(cell => Enumerable.Range(1, Depth).Count(l => !cell.NormIsTestable(l)));
        var hollowRanks = linear.Sum(cell => Enumerable.Range(1, Depth).Count(l => !cell.RankIsTestable(l)));
        return new ExperimentResult(
            [FactorsFigure(found), RanksFigure(found), RectifierFigure(found), DirectionsFigure(found)],
            [RectifierTable(found), DirectionTable(found)],
            [NormVerdict(found), RankVerdict(found), RectifierVerdict(found), ValuesVerdict(found), OutsideVerdict(found)],
            hollow + hollowRanks == 0
                ? []
                : [$"Of {linear.Count * Depth} mean squared norms of linear networks {hollow} are hollow, of as many participation ranks "
                    + $"{hollowRanks}: by the exact variance their tails are too heavy for that many networks. They are not tested."]);
    }

    private static Verdict NormVerdict(Findings found) => Verdict.OnParts(
        "In linear networks E‖G_l‖^2 is ‖C‖^2 times the factors of (6.7): proportional to the stable rank of every other layer.",
        Verdict.Agreement(
        [
            .. from cell in found.Cells
               where cell.Slope == 1
               from l in Enumerable.Range(1, Depth)
               where cell.NormIsTestable(l)
               select Comparison.Of(What(cell, "E‖G‖^2", l), cell.SquaredNorms[l - 1], cell.Exact[l - 1].SquaredNorm),
        ]),
        Verdict.Agreement(
        [
            // new networks for each share: independent; weights by the exact variances
            .. from varied in Enumerable.Range(1, Depth)
               from l in Enumerable.Range(1, Depth)
               where l != varied
               let cells = found.Cells.Where(cell => cell.Varied == varied && cell.NormIsTestable(l)).ToList()
               where cells.Select(cell => cell.Share).Distinct().Count() > 1
               let line = StraightLine.Through(
                   [.. cells.Select(cell => cell.Share)], [.. cells.Select(cell => cell.SquaredNorms[l - 1])],
                   [.. cells.Select(cell => Math.Exp(-2 * cell.Exact[l - 1].LogSquaredNorm) / cell.Exact[l - 1].RelativeVariance)])
               select Comparison.Of($"value at r_{varied} = 0 by the straight line, layer {l}", line.Intercept, 0),
        ]));

    private static Verdict RankVerdict(Findings found) => Verdict.OnComparisons(
        "In linear networks the participation rank of the gradients, E‖G‖^4 / E tr (GG^T)^2, is that of (6.7).",
        [
            .. from cell in found.Cells
               where cell.Slope == 1 && cell.Data != OneSample
               from l in Enumerable.Range(1, Depth)
               where cell.RankIsTestable(l)
               select Comparison.Of(
                   What(cell, "log of the participation rank", l), cell.LogRanks[l - 1], Math.Log(cell.Exact[l - 1].ParticipationRank)),
        ]);

    private static Verdict RectifierVerdict(Findings found)
    {
        var rectified = found.Cells.Where(cell => cell.Slope < 1).ToList();
        var single = Ratios(rectified.Where(cell => cell.Data == OneSample)).Select(one => Comparison.Of(
            What(one.Cell, Text($"E‖G‖^2 over (6.7), a = {one.Cell.Slope}, "), one.Layer), one.Ratio, 1)).ToList();
        var batches = rectified.Where(cell => cell.Data == "digits").GroupBy(cell => cell.Slope).Select(group =>
        {
            var comparisons = Ratios(group).Select(one =>
                Comparison.Of(What(one.Cell, "", one.Layer), one.Ratio, 1)).ToList();
            var (agrees, _) = Verdict.Agreement(comparisons);
            var (least, most) = (comparisons.MinBy(one => one.Measured)!, comparisons.MaxBy(one => one.Measured)!);
            return (!agrees, Text($"{found.Scope.Batch} digits, a = {group.Key}: from {least.Measured:0.00} ± {least.StandardError:0.00} ")
                + "to "
                + Text($"{most.Measured:0.00} ± {most.StandardError:0.00} times the formula"));
        });
        return Verdict.OnParts(
            "Under leaky ReLU and ReLU the mean squared norm is (6.7) times (1 + a^2)/2 for each activation, exactly for a single sample; "
                + "on a batch the samples' cross terms take it off the formula.",
            [Verdict.Agreement(single), .. batches]);
    }

    private static IEnumerable<(Cell Cell, int Layer, Estimate Ratio)> Ratios(IEnumerable<Cell> cells) =>
        from cell in cells
        from l in Enumerable.Range(1, Depth)
        where cell.NormIsTestable(l)
        select (cell, l, NormRatio(cell, l));

    private static Verdict ValuesVerdict(Findings found)
    {
        var worst = found.Directions.MaxBy(one => one.GreatestRatio)!;
        var counts = found.Directions
            .Where(one => one.Counts.Max() > one.Bound.CountAbove(one.Bound.LogNorm + Math.Log(Tolerance))).ToList();
        return Verdict.OnParts(
            "In every linear network every singular value of the gradient, and the number of those above the tolerance, is within its "
            + "bound.",
            (worst.GreatestRatio <= 1, Text($"greatest singular value over its bound {worst.GreatestRatio:0.000} ({worst.Family}, ")
                + Text($"r = {worst.StableRank})")),
            (counts.Count == 0, Text($"numbers above {Tolerance:0.0} ‖C‖_2 Π s_1 exceed their bound in {counts.Count} of ")
                + Text($"{found.Directions.Count} laws of networks")));
    }

    private static Verdict OutsideVerdict(Findings found)
    {
        // one-sided, over all k of all laws
        var all = found.Directions.SelectMany(one => one.OutsideMeans.Select((mean, k) => (
            one, k, Over: mean - one.Bound.SquaredNormOutside[Math.Min(k, one.Bound.SquaredNormOutside.Count - 1)],
            Error: one.OutsideErrors[k]))).ToList();
        var bound = Comparison.Bound(all.Count, found.Scope.DirectionNetworks - 1, 2 * Verdict.FalseAlarm);
        // squares of singular values that are rounding
        const double Rounding = 1e-24;
        var broken = all.Where(at => at.Over > (bound * at.Error) + Rounding).ToList();
        var late = found.Directions.Where(one => one.Holding > one.Bound.CountHolding(Outside)).ToList();
        return Verdict.OnParts(
            "On average no more of the squared norm lies outside the best k directions than the bound says.",
            (broken.Count == 0, Text($"{broken.Count} of {all.Count} mean shares exceed it by more than {bound:0.0} standard errors")),
            (late.Count == 0, Text($"the directions that hold {1 - Outside:0 %} are more than the bound in {late.Count} of ")
                + Text($"{found.Directions.Count} laws of networks")));
    }

    /// <summary>E‖G‖^2 over (6.7) times (1 + a^2)/2 for each of the activations, all of which a gradient passes forth or back.</summary>
    private static Estimate NormRatio(Cell cell, int layer)
    {
        var exact = cell.Exact[layer - 1].SquaredNorm * Math.Pow((1 + (cell.Slope * cell.Slope)) / 2, Depth - 1);
        var norm = cell.SquaredNorms[layer - 1];
        return norm with { Mean = norm.Mean / exact, StandardError = norm.StandardError / exact };
    }

    private static string What(Cell cell, string what, int layer) =>
        Text($"{what} of layer {layer}, {cell.Data}, r/k = {cell.Share:0.###} of {(cell.Varied is { } v ? $"layer {v}" : "all layers")}");

    private static ResultTable RectifierTable(Findings found) => new(
        "Gradients under leaky ReLU over the linear formula, ranges over layers and stable ranks",
        ["data", "a", "E‖G‖^2 over ((1+a^2)/2)^{L-1} times (6.7)", "participation rank over (6.7)"],
        [
            .. from data in found.Cells.Select(cell => cell.Data).Distinct()
               from slope in Slopes
               let cells = found.Cells.Where(cell => cell.Data == data && cell.Slope == slope && cell.Varied is null).ToList()
               select (IReadOnlyList<string>)
               [
                   data, Text($"{slope}"), Range(cells, (cell, l) => NormRatio(cell, l).Mean), Range(cells, (cell, l) =>
                       Math.Exp(cell.LogRanks[l - 1].Mean) / cell.Exact[l - 1].ParticipationRank),
               ],
        ]);

    private static string Range(IReadOnlyList<Cell> cells, Func<Cell, int, double> value)
    {
        var all = cells.SelectMany(cell => Enumerable.Range(1, Depth).Select(l => value(cell, l))).ToList();
        return Text($"{all.Min():0.00} to {all.Max():0.00}");
    }

    private static ResultTable DirectionTable(Findings found) => new(
        "Directions of the gradient of layer 3 that the stable rank of layer 2 leaves",
        [
            "family", "r", "above the tolerance, mean", "most", "bound by spectra", "bound by r alone", $"holding {1 - Outside:0 %}",
            "bound",
        ],
        [
            .. found.Directions.Select(one => (IReadOnlyList<string>)
            [
                one.Family, Text($"{one.StableRank}"), Text($"{one.Counts.Average():0.0}"), $"{one.Counts.Max()}",
                $"{one.Bound.CountAbove(one.Bound.LogNorm + Math.Log(Tolerance))}",
                $"{Math.Min(found.Scope.Width, GradientDirections.CountOfStableRank(one.StableRank, Tolerance))}", $"{one.Holding}",
                $"{one.Bound.CountHolding(Outside)}",
            ]),
        ]);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
