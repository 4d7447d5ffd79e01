using System.Globalization;
using StableRank.Spectra;

namespace StableRank.Experiments.Learning;

/// <summary>The ranks of one weight's gradient over folds, seeds and steps.</summary>
/// <param name="Mean">Their mean.</param>
/// <param name="Least">The least of them.</param>
/// <param name="Greatest">The greatest of them.</param>
/// <param name="Bound">The greatest bound of them.</param>
internal sealed record RankSummary(double Mean, double Least, double Greatest, int Bound)
{
    /// <summary>The numerical ranks of one weight's gradient in these courses.</summary>
    public static RankSummary Of(
        IEnumerable<RankCourse> courses, int weight, NumericalRankRule rule = NumericalRankRule.Lapack) =>
        Of(courses, weight, gradient => gradient.Rank(rule));

    /// <summary>Any kind of rank of one weight's gradient in these courses.</summary>
    /// <exception cref="ArgumentException">The courses have no such gradient.</exception>
    public static RankSummary Of(IEnumerable<RankCourse> courses, int weight, Func<WeightGradient, double> rank)
    {
        var of = courses.ToList();
        var ranks = of.SelectMany(course => course.Gradients).Where(gradient => gradient.Weight == weight).Select(rank).ToList();
        return ranks.Count > 0
            ? new RankSummary(ranks.Average(), ranks.Min(), ranks.Max(), of.Max(course => course.Bounds[weight]))
            : throw new ArgumentException($"no gradient of weight {weight} was measured", nameof(weight));
    }

    /// <summary>"3", or "2.5 (2–3)" where they differ.</summary>
    public override string ToString() => Least == Greatest
        ? Least.ToString("0.#", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Mean:0.0} ({Least:0.#}–{Greatest:0.#})");
}
