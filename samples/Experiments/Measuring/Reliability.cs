namespace StableRank.Experiments.Measuring;

/// <summary>
/// Whether a sample mean of heavy-tailed products can be set beside an exact mean at all: decided from exact moments, before any
/// measurement is looked at, as if all inputs of a network were one.
/// </summary>
internal static class Reliability
{
    /// <summary>
    /// The greatest skewness of an estimate at which its deviation in standard errors still counts as Student's. For a studentised mean of
    /// skewness g Edgeworth's first term changes the tail beyond -x by g (2 x^2 + 1) phi(x) / 6 and the one beyond x by its negative (Hall
    /// 1992, section 2.6): at 0.2 and x = 4.5 the two together stay within a factor of 4 of the normal tails.
    /// </summary>
    public const double GreatestSkewness = 0.2;

    /// <summary>The skewness of the mean of N independent q.</summary>
    /// <param name="moments">E q^k / (E q)^k, k = 0 to 3 at least.</param>
    /// <param name="count">N.</param>
    public static double SkewnessOfMean(double[] moments, int count)
    {
        var variance = moments[2] - 1;
        return (moments[3] - 3 * moments[2] + 2) / Math.Pow(variance, 1.5) / Math.Sqrt(count);
    }

    /// <summary>
    /// The skewness of log(E q^2 / (E q)^2) as estimated from N independent q: that of its influence q^2/E q^2 - 2 q/E q + 1, over sqrt N.
    /// </summary>
    /// <param name="moments">E q^k / (E q)^k, k = 0 to 6.</param>
    /// <param name="count">N.</param>
    public static double SkewnessOfSpread(double[] moments, int count)
    {
        // (a q^2 - 2 q + 1)^2 and ^3 at E q = 1, a = 1/E q^2, multiplied out
        var (a, m) = (1 / moments[2], moments);
        var second = a * a * m[4] - 4 * a * m[3] + (4 + 2 * a) * m[2] - 3;
        var third = a * a * a * m[6] - 6 * a * a * m[5] + (12 * a + 3 * a * a) * m[4] - (8 + 12 * a) * m[3] + (12 + 3 * a) * m[2] - 5;
        return third / Math.Pow(second, 1.5) / Math.Sqrt(count);
    }

    /// <summary>Whether the mean of N independent q is near enough to normal to be tested.</summary>
    public static bool MeanIsTestable(double[] moments, int count) => SkewnessOfMean(moments, count) <= GreatestSkewness;

    /// <summary>Whether the spread estimated from N independent q is.</summary>
    public static bool SpreadIsTestable(double[] moments, int count) => SkewnessOfSpread(moments, count) <= GreatestSkewness;
}
