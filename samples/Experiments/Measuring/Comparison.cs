using MathNet.Numerics.Distributions;
using StableRank.Propagation;
using StableRank.Replication;

namespace StableRank.Experiments.Measuring;

/// <summary>A measured mean beside its exact value.</summary>
/// <param name="What">What was measured, in a few words.</param>
/// <param name="Measured">The estimate.</param>
/// <param name="StandardError">Its standard error, from the same data.</param>
/// <param name="Exact">The value that theory gives.</param>
/// <param name="DegreesOfFreedom">Of the standard error: independent replicates less one.</param>
internal sealed record Comparison(string What, double Measured, double StandardError, double Exact, int DegreesOfFreedom)
{
    /// <summary>An estimate over independent replicates beside its exact value.</summary>
    public static Comparison Of(string what, Estimate estimate, double exact) =>
        new(what, estimate.Mean, double.Hypot(estimate.StandardError, estimate.Rounding), exact, checked((int)estimate.Count - 1));

    /// <summary>Measured minus exact, in standard errors.</summary>
    public double Deviation => Measured == Exact ? 0 : (Measured - Exact) / StandardError;

    /// <summary>The deviation's size, with what is not a number counted as infinitely far off.</summary>
    public double Severity => double.IsNaN(Deviation) ? double.PositiveInfinity : Math.Abs(Deviation);

    /// <summary>
    /// The deviation that <paramref name="count"/> true comparisons all stay below but for a chance of <paramref name="falseAlarm"/>:
    /// Student's two-sided quantile at falseAlarm / count (Bonferroni; the comparisons need not be independent).
    /// </summary>
    public static double Bound(int count, int degreesOfFreedom, double falseAlarm) =>
        StudentT.InvCDF(0, 1, degreesOfFreedom, 1 - falseAlarm / (2.0 * count));
}
