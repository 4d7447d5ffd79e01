using System.Globalization;
using StableRank.Experiments.Reporting;
using StableRank.Spectra;

namespace StableRank.Experiments.Learning;

/// <summary>What the courses of the experiments on gradient ranks say, in words and tables.</summary>
internal static class RankFindings
{
    /// <summary>Whether no gradient measured exceeds its bound, by LAPACK's rule.</summary>
    public static (bool Holds, string Evidence) WithinBounds(string what, IEnumerable<RankCourse> courses)
    {
        var all = courses.SelectMany(course => course.Gradients.Select(gradient =>
            (Rank: gradient.Rank(), Bound: course.Bounds[gradient.Weight]))).ToList();
        var above = all.Count(one => one.Rank > one.Bound);
        var attained = all.Count(one => one.Rank == one.Bound);
        return (above == 0, string.Create(CultureInfo.InvariantCulture,
            $"{what}: {above} of {all.Count} gradients above their bounds, {attained} equal to them"));
    }

    /// <summary>Whether the gradients of some weights have at most this rank, by LAPACK's rule.</summary>
    public static (bool Holds, string Evidence) AtMost(
        string what, int limit, IEnumerable<RankCourse> courses, Func<int, bool>? isMeant = null)
    {
        var ranks = Ranks(courses, isMeant);
        return (ranks.Max() <= limit, string.Create(CultureInfo.InvariantCulture,
            $"{what}: greatest rank {ranks.Max()} of {ranks.Count} gradients, at most {limit} claimed"));
    }

    /// <summary>Whether the greatest rank of some weights' gradients is exactly this, by LAPACK's rule.</summary>
    public static (bool Holds, string Evidence) Reaches(
        string what, int rank, IEnumerable<RankCourse> courses, Func<int, bool>? isMeant = null)
    {
        var ranks = Ranks(courses, isMeant);
        return (ranks.Max() == rank, string.Create(CultureInfo.InvariantCulture,
            $"{what}: greatest rank {ranks.Max()} of {ranks.Count} gradients, {rank} claimed"));
    }

    /// <summary>
    /// A note on how many gradients the rule of arXiv 2402.06751, eps s_1, calls of a greater rank than the bound: rounding that it counts.
    /// </summary>
    public static string OtherRule(IEnumerable<RankCourse> courses)
    {
        var all = courses.SelectMany(course => course.Gradients.Select(gradient =>
            gradient.Rank(NumericalRankRule.MachineEpsilon) - course.Bounds[gradient.Weight])).ToList();
        var above = all.Where(excess => excess > 0).ToList();
        return "By the rule of arXiv 2402.06751, which counts singular values above ε s_1 whatever the shape, "
            + (above.Count == 0
                ? $"none of the {all.Count} gradients exceeds its bound either."
                : string.Create(CultureInfo.InvariantCulture,
                    $"{above.Count} of {all.Count} gradients exceed their bounds, by up to {above.Max()}: it counts rounding errors, ")
                + "which are of that size. Figures and verdicts are by LAPACK's rule.");
    }

    /// <summary>A table of ranks and losses: a row for each group and setting.</summary>
    /// <param name="title">What it lists.</param>
    /// <param name="setting">What the setting is; null where it is the same for all.</param>
    /// <param name="weights">The weights' names.</param>
    /// <param name="courses">The courses; all of them of networks with these weights.</param>
    public static ResultTable Table(string title, string? setting, IReadOnlyList<string> weights, IReadOnlyList<RankCourse> courses)
    {
        IEnumerable<string> settings = setting is null ? [] : [setting];
        return new ResultTable(
            title,
            [
                "network", .. settings, .. weights.Select(weight => $"{weight}: rank / bound"),
                "loss, first batch", "last epoch", "held out",
            ],
            [.. courses.GroupBy(course => (course.Case.Group, course.Case.Setting)).Select(at => (IReadOnlyList<string>)
            [
                at.Key.Group,
                .. settings.Select(_ => at.Key.Setting.ToString("0.###", CultureInfo.InvariantCulture)),
                .. weights.Select((_, weight) => RankSummary.Of(at, weight)).Select(rank => $"{rank} / {rank.Bound}"),
                Loss(at.Average(course => course.FirstLoss)), Loss(at.Average(course => course.LastLoss)),
                Loss(at.Average(course => course.HeldOutLoss)),
            ])]);
    }

    /// <summary>A table of the bounds and of what binds each: a row for each group, setting and weight.</summary>
    /// <param name="setting">What the setting is; null where it is the same for all.</param>
    /// <param name="weights">The weights' names.</param>
    /// <param name="courses">The courses.</param>
    public static ResultTable Causes(string? setting, IReadOnlyList<string> weights, IReadOnlyList<RankCourse> courses)
    {
        IEnumerable<string> settings = setting is null ? [] : [setting];
        return new ResultTable(
            "What binds",
            ["network", .. settings, "weight", "bound", "cause"],
            [.. courses.DistinctBy(course => (course.Case.Group, course.Case.Setting)).SelectMany(course => weights.Select((weight, w) =>
                (IReadOnlyList<string>)
                [
                    course.Case.Group,
                    .. settings.Select(_ => course.Case.Setting.ToString("0.###", CultureInfo.InvariantCulture)),
                    weight, course.Bounds[w].ToString(CultureInfo.InvariantCulture), course.Proven[w].CauseDescription,
                ]))]);
    }

    private static List<int> Ranks(IEnumerable<RankCourse> courses, Func<int, bool>? isMeant) =>
    [
        .. courses.SelectMany(course => course.Gradients)
            .Where(gradient => isMeant?.Invoke(gradient.Weight) ?? true)
            .Select(gradient => gradient.Rank()),
    ];

    private static string Loss(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
