using StableRank.Expressivity;
using StableRank.Replication;

namespace StableRank.Experiments.Measuring;

/// <summary>Kolmogorov's distance of numbers that come in independent groups, as the singular values of a network do.</summary>
internal static class ClusteredDistance
{
    /// <summary>
    /// The distance of the law of all numbers from another. Its standard error is that of the share of numbers up to the place where the
    /// distance lies, between groups: to first order the greatest of many distances moves as the one there.
    /// </summary>
    /// <param name="law">The law of the numbers of all groups.</param>
    /// <param name="groups">At least two; of different lengths, where they may be.</param>
    /// <param name="cumulativeProbability">The other distribution function.</param>
    /// <param name="points">Quantiles at which they are compared.</param>
    public static Estimate Of(
        EmpiricalLaw law, IReadOnlyList<double[]> groups, Func<double, double> cumulativeProbability, int points)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(groups.Count, 2);
        var (distance, at) = law.FarthestFrom(cumulativeProbability, points);
        var share = law.CumulativeProbability(at);

        // of a quotient of sums over groups
        var squares = groups.Sum(group => Math.Pow(group.Count(value => value <= at) - (share * group.Length), 2));
        var error = Math.Sqrt(squares * groups.Count / (groups.Count - 1.0)) / law.Count;
        return new Estimate(distance, error, groups.Count);
    }
}
