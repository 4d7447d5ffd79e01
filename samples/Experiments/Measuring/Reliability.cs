namespace StableRank.Experiments.Measuring;

/// <summary>Whether a sample mean of heavy-tailed products can be set beside an exact mean at all.</summary>
internal static class Reliability
{
    /// <summary>
    /// The greatest skewness of a sample mean at which its deviation in standard errors still counts as near normal: by Edgeworth's first term a
    /// one-sided tail at 4.5 standard errors is then at most some 2.6 times the normal one, and the two sides' errors cancel to first order.
    /// </summary>
    public const double GreatestSkewness = 0.5;

    /// <summary>
    /// The skewness of the mean of N independent copies of a positive variable of relative variance v, taken as lognormal: (v + 3) sqrt(v / N).
    /// Products of chi-square-like factors lie below it. At <see cref="GreatestSkewness"/> the relative standard error sqrt(v / N) is at most 1/6.
    /// </summary>
    public static double SkewnessOfMean(double relativeVariance, int replicates) =>
        (relativeVariance + 3) * Math.Sqrt(relativeVariance / replicates);

    /// <summary>Whether the mean of N copies is near enough to normal to be tested.</summary>
    public static bool MeanIsTestable(double relativeVariance, int replicates) =>
        SkewnessOfMean(relativeVariance, replicates) <= GreatestSkewness;

    /// <summary>
    /// Whether the mean of the squares of N copies is: their relative variance is (1 + v)^4 - 1 where the variable is lognormal.
    /// </summary>
    public static bool SpreadIsTestable(double relativeVariance, int replicates) =>
        MeanIsTestable(Math.Pow(1 + relativeVariance, 4) - 1, replicates);
}
