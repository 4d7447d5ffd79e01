using MathNet.Numerics;
using StableRank.Spectra;

namespace StableRank.Propagation;

/// <summary>
/// The moments of ||phi(u)||^2 for u uniform on the unit sphere of R^m and phi(z) = z for z &gt; 0, a z elsewhere: the activation's share
/// of theory (4.4). Since W x = ||W x|| u for a bi-invariant W, they multiply (the logarithm: add to) those of ||W x||^2.
/// </summary>
public static class SlopeMoments
{
    // below this slope leaky ReLU differs from ReLU, where any entry is positive, by O(a): less than rounding
    private const double NextToNothing = 1e-20;

    /// <summary>E ||phi(u)||^2 = A = (1 + a^2)/2, whatever the width: theory (4.4).</summary>
    /// <param name="negativeSlope">a.</param>
    public static double Second(double negativeSlope)
    {
        RequireSlope(negativeSlope);
        return (1 + negativeSlope * negativeSlope) / 2;
    }

    /// <summary>E ||phi(u)||^4 = (3 B + (m - 1) A^2)/(m + 2) with B = (1 + a^4)/2; (m + 5)/(4 (m + 2)) for ReLU: theory (4.4).</summary>
    /// <param name="rows">m.</param>
    /// <param name="negativeSlope">a.</param>
    public static double Fourth(int rows, double negativeSlope)
    {
        RequireRows(rows);
        var a2 = negativeSlope * negativeSlope;
        var second = Second(negativeSlope);
        return (3 * (1 + a2 * a2) / 2 + (rows - 1.0) * second * second) / (rows + 2.0);
    }

    /// <summary>P(phi(u) = 0): 2^-m for ReLU, where every entry of u may be negative, otherwise 0.</summary>
    /// <param name="rows">m.</param>
    /// <param name="negativeSlope">a.</param>
    public static double DeathProbability(int rows, double negativeSlope)
    {
        RequireRows(rows);
        RequireSlope(negativeSlope);
        return negativeSlope == 0 ? Math.ScaleB(1, -rows) : 0;
    }

    /// <summary>
    /// E log ||phi(u)||^2, for ReLU given that phi(u) is not 0. Linear (and a = -1): 0. ReLU: sum over the number j of positive entries,
    /// (binomial weight) psi(j/2) / (1 - 2^-m) - psi(m/2). Otherwise
    /// int_0^inf (e^-t - [((1 + 2t)^-1/2 + (1 + 2 a^2 t)^-1/2)/2]^m) dt/t - psi(m/2) - log 2, because a standard Gaussian vector is
    /// its norm times an independent u, and E log Z = int_0^inf (e^-t - E e^-tZ) dt/t. This extends theory (4.3) to (4.4).
    /// </summary>
    /// <param name="rows">m.</param>
    /// <param name="negativeSlope">a.</param>
    public static double ExpectedLog(int rows, double negativeSlope)
    {
        RequireRows(rows);
        RequireSlope(negativeSlope);
        var slope = Math.Abs(negativeSlope);
        if (slope == 1)
        {
            return 0;
        }

        if (slope > 1)
        {
            // phi(u) = a phi'(u) with the two sides exchanged and slope 1/a: keeps the integrand's scales at or below 1
            return 2 * Math.Log(slope) + ExpectedLog(rows, 1 / slope);
        }

        if (slope < NextToNothing)
        {
            var rectified = RectifiedGaussianLog(rows) - SpecialFunctions.DiGamma(rows / 2.0);
            var allNegative = DeathProbability(rows, 0);
            return slope == 0 ? rectified : (1 - allNegative) * rectified + allNegative * 2 * Math.Log(slope);
        }

        return LeakyGaussianLog(rows, slope) - SpecialFunctions.DiGamma(rows / 2.0) - Constants.Ln2;
    }

    /// <summary>
    /// sum_(j = 1..m) Bin(m, 1/2)(j)/(1 - 2^-m) psi(j/2): E log(||max(z, 0)||^2 / 2) of a standard Gaussian z, given that it is not 0.
    /// </summary>
    internal static double RectifiedGaussianLog(int rows)
    {
        var weights = default(CompensatedSum);
        var sum = default(CompensatedSum);

        // outwards from the mode, by the ratio of neighbouring weights: no binomial coefficient, which would overflow, is formed
        var mode = (rows + 1) / 2;
        var weight = 1.0;
        for (var j = mode; j <= rows && weight > 1e-20; j++)
        {
            weights.Add(weight);
            sum.Add(weight * SpecialFunctions.DiGamma(j / 2.0));
            weight *= (rows - j) / (j + 1.0);
        }

        weight = 1.0;
        for (var j = mode - 1; j >= 1 && weight > 1e-20; j--)
        {
            weight *= (j + 1.0) / (rows - j);
            weights.Add(weight);
            sum.Add(weight * SpecialFunctions.DiGamma(j / 2.0));
        }

        return sum.Value / weights.Value;
    }

    /// <summary>E log ||phi(z)||^2 of a standard Gaussian z in R^m, 0 &lt; a &lt; 1, from its Laplace transform.</summary>
    private static double LeakyGaussianLog(int rows, double slope)
    {
        var a2 = slope * slope;
        return Ensembles.ExpectedLog.FromLaplace(t =>
        {
            // (1 + 2t)^-1/2 - 1 without cancellation, then the log of the mean of the two to full relative accuracy
            var excess = (InverseRootMinusOne(t) + InverseRootMinusOne(a2 * t)) / 2;
            return Math.Exp(rows * ElementaryFunctions.Log1p(excess));
        });
    }

    private static double InverseRootMinusOne(double t)
    {
        var root = Math.Sqrt(1 + 2 * t);
        return -2 * t / (root * (1 + root));
    }

    private static void RequireRows(int rows) => ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);

    private static void RequireSlope(double slope)
    {
        if (!double.IsFinite(slope))
        {
            throw new ArgumentOutOfRangeException(nameof(slope), slope, "The slope must be finite.");
        }
    }
}
