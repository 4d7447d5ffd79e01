using StableRank.Replication;

namespace StableRank.Experiments.Measuring;

/// <summary>
/// The straight line through independent estimates by weighted least squares, with standard errors of its two coefficients from those of
/// the estimates. Both coefficients are linear in the estimates, hence unbiased whatever the weights, as long as these do not come from the
/// estimates.
/// </summary>
/// <param name="Intercept">The value at x = 0.</param>
/// <param name="Slope">The growth per unit of x.</param>
internal sealed record StraightLine(Estimate Intercept, Estimate Slope)
{
    /// <summary>Fits the line.</summary>
    /// <param name="x">Abscissae, at least two of them different.</param>
    /// <param name="y">Independent estimates.</param>
    /// <param name="weights">Positive; known beforehand, 1 over the expected square of the error being the best.</param>
    /// <exception cref="ArgumentException">The numbers of values differ, or the abscissae do not.</exception>
    public static StraightLine Through(IReadOnlyList<double> x, IReadOnlyList<Estimate> y, IReadOnlyList<double> weights)
    {
        if (x.Count != y.Count || x.Count != weights.Count)
        {
            throw new ArgumentException(
                $"{x.Count} abscissae, {y.Count} estimates, {weights.Count} weights: expected as many each", nameof(x));
        }

        var total = weights.Sum();
        var centre = x.Zip(weights, (at, w) => at * w).Sum() / total;
        var spread = x.Zip(weights, (at, w) => w * (at - centre) * (at - centre)).Sum();
        if (!(spread > 0))
        {
            throw new ArgumentException("a line needs two different abscissae", nameof(x));
        }

        double[] slope = [.. x.Zip(weights, (at, w) => w * (at - centre) / spread)];
        double[] intercept = [.. weights.Zip(slope, (w, s) => (w / total) - (centre * s))];
        return new StraightLine(Combine(intercept, y), Combine(slope, y));
    }

    /// <summary>The logarithm of an estimate to second order: its bias of half the relative variance is taken off.</summary>
    public static Estimate Log(Estimate estimate)
    {
        var error = estimate.StandardError / estimate.Mean;
        return new Estimate(Math.Log(estimate.Mean) + (error * error / 2), error, estimate.Count);
    }

    private static Estimate Combine(double[] coefficients, IReadOnlyList<Estimate> y)
    {
        double mean = 0, variance = 0;
        for (var i = 0; i < coefficients.Length; i++)
        {
            mean += coefficients[i] * y[i].Mean;
            variance += coefficients[i] * coefficients[i] * y[i].StandardError * y[i].StandardError;
        }

        return new Estimate(mean, Math.Sqrt(variance), y.Min(one => one.Count));
    }
}
