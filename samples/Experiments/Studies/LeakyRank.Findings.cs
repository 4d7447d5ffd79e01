using StableRank.Experiments.Figures;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Spectra;

namespace StableRank.Experiments.Studies;

/// <content>What the measurements say.</content>
internal sealed partial class LeakyRank
{
    /// <summary>What the measurements say, with nothing measured anew.</summary>
    internal static ExperimentResult Judge(Findings found) => new(
        [SlopesFigure(found), GapFigure(found)],
        [CrossingTable(found)],
        [ZhanVerdict(found), ThresholdVerdict(found), WeylVerdict(found), SurvivalVerdict(found)],
        [
            "Of a matrix of rank q the computed singular values beyond the q-th are rounding, of the order of ε s_1. At slope 1 P2's "
            + "rule counts some of them; its threshold, which is higher there by the norm of a row of ones, does not.",
        ]);

    private static Verdict ZhanVerdict(Findings found)
    {
        var worst = found.Cases.MaxBy(one => one.ZhanRatio)!;
        var failed = found.Cases.Count(one => !one.ZhanHolds);
        return Verdict.OnParts("Zhan's inequality (6.5) holds for every partial sum.", (
            failed == 0,
            Text($"{failed} of {found.Cases.Count} matrices break it; greatest ratio of the sides {worst.ZhanRatio:0.000} ")
            + Text($"({worst.Precision}, ") + Text($"rank {worst.Rank}, a = {worst.Slope:G3})")));
    }

    private static Verdict ThresholdVerdict(Findings found)
    {
        var above = found.Cases.Count(one => one.Lower > one.Numerical);
        var below = found.Cases.Where(one => one.Lower < one.Numerical).ToList();
        var farthest = below.MaxBy(one => one.Numerical - one.Lower);
        return Verdict.OnParts(
            "P2's threshold ε min(c_1, r_1) s_1(Z) gives a lower estimate of the numerical rank, not the rank.",
            (above == 0,
                Text($"{above} of {found.Cases.Count} matrices have more singular values above it than above ε s_1(φ(Z)); it is ")
                + Text($"{found.Cases.Min(one => one.ThresholdRatio):0.0} to {found.Cases.Max(one => one.ThresholdRatio):0.0} times that")),
            (farthest is not null, Text($"{below.Count} have fewer")
                + (farthest is null ? "" : Text($", {farthest.Lower} instead of {farthest.Numerical} at the most ({farthest.Precision}, ")
                    + Text($"rank {farthest.Rank}, 1 - a = {1 - farthest.Slope:0.0E+0})"))));
    }

    private static Verdict WeylVerdict(Findings found)
    {
        var broken = found.Cases.Count(one => one.Wide > one.Upper || one.Upper > one.Weyl);
        var attained = found.Cases.Where(one => one.Wide == one.Upper).ToList();
        // far below the tolerance sqrt(eps), and far above what the slope's own rounding leaves of 1 - a
        var near = found.Cases.Where(one => 1 - one.Slope <= Math.Sqrt(Epsilon(one.Precision)) / 100).ToList();
        var tight = near.Count(one => one.Upper == one.Rank && one.Wide == one.Rank);
        return Verdict.OnParts(
            "The number of singular values above √ε s_1 never exceeds its bound by Weyl's inequality, which is tight next to slope 1.",
            (broken == 0, Text($"{broken} of {found.Cases.Count} matrices exceed it; {attained.Count} attain it")),
            (tight == near.Count, Text(
                $"where 1 - a is at most √ε/100 the bound and the number are the rank of Z in {tight} of {near.Count}")));
    }

    private static Verdict SurvivalVerdict(Findings found) => Verdict.OnParts(
        "A low rank of Z survives as a numerical rank of φ(Z) only next to slope 1: it is exceeded at every slope of at most 0.9, and "
        + "above √ε s_1 from a 1 - a on that is of the order of √ε.",
        [
            .. from precision in Precisions
               from rank in found.Scope.Ranks
               let far = found.Cases.Where(one => one.Precision == precision && one.Rank == rank && one.Slope <= 0.9).ToList()
               select (far.All(one => one.Numerical > rank),
                   Text($"{precision}, rank {rank}: from {far.Min(one => one.Numerical)} to {far.Max(one => one.Numerical)} at slopes ")
                   + "up to 0.9"),
            .. from precision in Precisions
               from rank in found.Scope.Ranks
               let ratio = FirstGap(found, precision, rank) / Math.Sqrt(Epsilon(precision))
               select (ratio is >= 1 and <= 100,
                   Text($"{precision}, rank {rank}: exceeded above √ε s_1 from 1 - a = {ratio:0.0} √ε on (by the bounds not before ")
                   + Text($"{LeastGap(found, precision, rank) / Math.Sqrt(Epsilon(precision)):0.0} √ε)")),
        ]);

    /// <summary>The least gap tried at which some matrix has more singular values above √ε s_1 than the rank of Z.</summary>
    private static double FirstGap(Findings found, FloatingPrecision precision, int rank) =>
        found.Gaps.Order().FirstOrDefault(
            gap => At(found, precision, rank, 1 - gap).Any(one => one.Wide > rank), double.PositiveInfinity);

    /// <summary>The greatest gap tried below which the bound leaves no more than the rank of Z.</summary>
    private static double LeastGap(Findings found, FloatingPrecision precision, int rank) =>
        found.Gaps.Order().TakeWhile(gap => At(found, precision, rank, 1 - gap).All(one => one.Upper == rank)).LastOrDefault();

    private static ResultTable CrossingTable(Findings found) => new(
        "Means over draws",
        ["precision", "rank of Z", "a", "numerical rank, ε s_1", "above P2's threshold", "above √ε s_1", "bound of that", "Zhan's ratio"],
        [
            .. from precision in Precisions
               from rank in found.Scope.Ranks
               from slope in (double[])[0, 0.5, 1 - found.Gaps[5], 1 - found.Gaps[11], 1]
               let cases = At(found, precision, rank, slope)
               where cases.Count > 0
               select (IReadOnlyList<string>)
               [
                   $"{precision}", $"{rank}", slope is > 0.9 and < 1 ? Text($"1 - {1 - slope:0E+0}") : Text($"{slope}"),
                   Mean(cases, one => one.Numerical), Mean(cases, one => one.Lower), Mean(cases, one => one.Wide),
                   Mean(cases, one => one.Upper), Text($"{cases.Max(one => one.ZhanRatio):0.000}"),
               ],
        ]);

    private static Figure SlopesFigure(Findings found) => new(
        "slopes",
        "Numerical rank over the slope",
        $"Matrices of size {found.Scope.Size}, {found.Scope.Draws} of each rank, side by side. Filled: numerical rank of φ(Z) by the rule "
        + "ε s_1, "
            + "bars of two standard errors. Hollow: the lower estimate by P2's threshold. At a = 1 φ(Z) is Z.",
        [
            .. Precisions.Select(precision => new Panel(
                $"{precision} precision", new Axis("slope a", Minimum: -0.04, Maximum: 1.04),
                new Axis("numerical rank", Minimum: 0, Maximum: 1.08 * found.Scope.Size),
                [
                    .. ByRank(found, (rank, i) => Points(found, precision, rank, i, found.Slopes, a => a + Shift(found, i), a => a,
                        one => one.Lower) with
                    {
                        Hollow = true, InLegend = false, Label = $"lower estimate, rank {rank}", PointSize = 0.9,
                    }),
                    .. ByRank(found, (rank, i) => Points(found, precision, rank, i, found.Slopes, a => a + Shift(found, i), a => a,
                        one => one.Numerical)),
                ])),
        ]);

    private static Figure GapFigure(Findings found) => new(
        "gap",
        "Next to slope 1",
        "The same against 1 - a. Above: the rule ε s_1; dashed, the lower estimate by P2's threshold. Below: singular values above √ε s_1; "
            + "lines, the upper bound of their number, the least of Weyl's; dotted, by (6.6) as it stands.",
        [
            .. Precisions.Select(precision => GapPanel(found, precision, $"{precision}, above ε s_1", one => one.Numerical,
                (Case one) => one.Lower, Stroke.Dashed, null)),
            .. Precisions.Select(precision => GapPanel(found, precision, $"{precision}, above √ε s_1", one => one.Wide,
                one => one.Upper, Stroke.Solid, one => one.Weyl)),
        ]);

    private static Panel GapPanel(
        Findings found, FloatingPrecision precision, string title, Func<Case, int> measured, Func<Case, int> estimate, Stroke stroke,
        Func<Case, int>? second) => new(
        title, new Axis("1 - a", AxisScale.Log10, Minimum: 1e-17, Maximum: 1, TickStep: 1e3),
        new Axis("number", Minimum: 0, Maximum: 1.08 * found.Scope.Size),
        [
            .. second is null ? [] : ByRank(found, (rank, i) => Line(found, precision, rank, i, second, "(6.6)", Stroke.Dotted)),
            .. ByRank(found, (rank, i) => Line(found, precision, rank, i, estimate, "estimate", stroke)),
            .. ByRank(found, (rank, i) => Points(found, precision, rank, i, found.Gaps, gap => gap, gap => 1 - gap, measured)),
        ]);

    /// <summary>A little to the side, so that ranks that agree do not hide each other.</summary>
    private static double Shift(Findings found, int index) => (index - ((found.Scope.Ranks.Count - 1) / 2.0)) * 0.15 / found.Scope.Steps;

    private static IEnumerable<Series> ByRank(Findings found, Func<int, int, Series> make) => found.Scope.Ranks.Select(make);

    private static Series Line(
        Findings found, FloatingPrecision precision, int rank, int index, Func<Case, int> value, string what, Stroke stroke) =>
        Series.Line($"{what}, rank {rank}", Palette.Categorical[index], found.Gaps.Select(gap =>
            (gap, At(found, precision, rank, 1 - gap).Average(value)))) with { Stroke = stroke, InLegend = false };

    private static Series Points(
        Findings found, FloatingPrecision precision, int rank, int index, IReadOnlyList<double> places, Func<double, double> abscissa,
        Func<double, double> slope, Func<Case, int> measured) =>
        Series.Measured($"rank of Z {rank}", Palette.Categorical[index], places.Select(place =>
        {
            double[] values = [.. At(found, precision, rank, slope(place)).Select(one => (double)measured(one))];
            var mean = values.Average();
            var error = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1) / values.Length);
            return (abscissa(place), mean, 2 * error);
        })) with { Marker = (Marker)index, PointSize = 0.5 };

    private static List<Case> At(Findings found, FloatingPrecision precision, int rank, double slope) =>
        [.. found.Cases.Where(one => one.Precision == precision && one.Rank == rank && one.Slope == slope)];

    private static string Mean(IReadOnlyList<Case> cases, Func<Case, int> of) => Text($"{cases.Average(of):0.0}");

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
