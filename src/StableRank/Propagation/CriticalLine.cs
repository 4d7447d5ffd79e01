using StableRank.Networks;

namespace StableRank.Propagation;

/// <summary>
/// The line chi_1 = 1 in the plane of gain and bias variance (Poole et al. 2016, arXiv 1606.05340). Along it the length is a parameter:
/// chi_1 = g E phi'^2 = 1 gives the gain, and q = g E phi^2 + s_b^2 the bias variance.
/// </summary>
public static class CriticalLine
{
    private const int PerDecade = 24;

    /// <summary>Without biases, from this length on: below it the bias variance at a given length is smaller than its rounding.</summary>
    private const double SmallestLength = 1e-3;

    /// <summary>The same where phi(0) is not 0: nothing cancels there.</summary>
    private const double SmallestLengthOfOffset = 1e-12;

    private const double GreatestLength = 1e8;

    /// <summary>
    /// The point of the line at a length: g = 1/E phi'(sqrt q z)^2, s_b^2 = q - g E phi(sqrt q z)^2. Null where that is negative: no layer
    /// has this length as a fixed point and chi_1 = 1.
    /// </summary>
    /// <param name="activation">phi.</param>
    /// <param name="length">q, finite and not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">q is negative or not finite.</exception>
    public static CriticalPoint? At(Activation activation, double length)
    {
        ArgumentNullException.ThrowIfNull(activation);
        var gain = 1 / activation.Dual.DerivativeSquare(length).Value;
        var bias = activation.IsPiecewiseLinear(out _) ? 0 : BiasVariance(activation, length);
        return bias >= 0 ? new CriticalPoint(gain, bias, length) : null;
    }

    /// <summary>
    /// The critical gains for a bias variance, in the order of their lengths: one for linear, ReLU, leaky ReLU, abs, tanh, erf and sin.
    /// Found by sign changes on a grid of 24 lengths a decade up to 1e8 times the greater of 1 and the variance; where E phi^2 leaves the
    /// range of double (exp beyond a length of 354) there is nothing to be found.
    /// </summary>
    /// <param name="activation">phi.</param>
    /// <param name="biasVariance">s_b^2, finite and not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">The variance is negative or not finite.</exception>
    public static IReadOnlyList<CriticalPoint> ForBias(Activation activation, double biasVariance)
    {
        ArgumentNullException.ThrowIfNull(activation);
        if (!double.IsFinite(biasVariance) || biasVariance < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(biasVariance), biasVariance, $"The bias variance is {biasVariance}; expected a finite number of at least 0.");
        }

        var dual = activation.Dual;
        var points = new List<CriticalPoint>();
        if (activation.IsPiecewiseLinear(out _))
        {
            return [new CriticalPoint(1 / dual.RateAtZero, biasVariance, biasVariance == 0 ? 0 : double.PositiveInfinity)];
        }

        var vanishes = dual.ValueAtZero == 0;
        if (biasVariance == 0 && vanishes && dual.RateAtZero > 0)
        {
            points.Add(new CriticalPoint(1 / dual.RateAtZero, 0, 0));
        }

        // s_b^2 <= q, so that no root lies below the variance
        var low = biasVariance > 0 ? biasVariance / 2 : vanishes ? SmallestLength : SmallestLengthOfOffset;
        var high = GreatestLength * Math.Max(1, biasVariance);
        points.AddRange(BracketedRoot.SolveAll(q => BiasVariance(activation, q) - biasVariance, low, high, PerDecade)
            .Select(q => new CriticalPoint(1 / dual.DerivativeSquare(q).Value, biasVariance, q)));
        return points;
    }

    private static double BiasVariance(Activation activation, double length) =>
        length - activation.Dual.Square(length).Value / activation.Dual.DerivativeSquare(length).Value;
}
