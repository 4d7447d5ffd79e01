namespace StableRank.Ensembles;

/// <summary>
/// E log X of a positive random variable from its Laplace transform L(t) = E exp(-t X): the integral of (exp(-t) - L(t)) dt/t over the
/// half line (theory (4.3); Frullani's integral under the expectation).
/// </summary>
/// <remarks>
/// With t = e^u the integrand is analytic in the strip |Im u| &lt; pi/2, since L is analytic and at most 1 in the right half plane, and it
/// decays exponentially both ways: the trapezoidal rule of step h errs by about exp(-pi^2/h) (Trefethen and Weideman 2014), 4e-22 for
/// h = 0.2. What remains is rounding: an ulp of 1 in each of a hundred or so terms of weight h.
/// </remarks>
internal static class ExpectedLog
{
    private const double Step = 0.2;

    /// <summary>Where exp(-t) and L(t) are below this, what is left of the integral is below it too, up to the decay rate.</summary>
    private const double Negligible = 1e-18;

    /// <summary>The largest u: t stays finite.</summary>
    private const double LargestExponent = 700;

    /// <summary>E log sum_i w_i z_i^2, z_i independent standard Gaussians.</summary>
    /// <param name="weights">Finite, none negative, at least one positive; in any order.</param>
    /// <exception cref="ArgumentException">A weight is negative or not finite, or all are zero.</exception>
    internal static double OfWeightedChiSquare(ReadOnlySpan<double> weights)
    {
        double largest = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (!double.IsFinite(weights[i]) || weights[i] < 0)
            {
                throw new ArgumentException($"Weight {i} is {weights[i]}; expected a finite number of at least 0.", nameof(weights));
            }

            largest = Math.Max(largest, weights[i]);
        }

        if (largest == 0)
        {
            throw new ArgumentException("All weights are zero: the logarithm has no expectation.", nameof(weights));
        }

        (double[] values, int[] counts) = Distinct(weights, largest);
        double sum = 0;
        for (int i = 0; i < values.Length; i++)
        {
            sum += values[i] * counts[i];
        }

        // In units in which the mean is 1 the integrand begins with t^2.
        for (int i = 0; i < values.Length; i++)
        {
            values[i] /= sum;
        }

        return Math.Log(largest) + Math.Log(sum) + Integrate(t => Math.Exp(-0.5 * LogProduct(values, counts, 2 * t)), -21);
    }

    /// <summary>E log X for any positive X, from L with L(0) = 1.</summary>
    /// <param name="laplace">L(t) for t &gt; 0, with an absolute error of about an ulp of 1.</param>
    /// <exception cref="ArithmeticException">L does not vanish at infinity (X has mass at 0), or is not a number.</exception>
    internal static double FromLaplace(Func<double, double> laplace) => Integrate(laplace, -42);

    private static double Integrate(Func<double, double> laplace, double start)
    {
        double sum = 0;
        for (int i = 0; ; i++)
        {
            double u = start + (i * Step);
            double t = Math.Exp(u);
            double l = laplace(t);
            if (double.IsNaN(l))
            {
                throw new ArithmeticException($"The Laplace transform at t = {t} is not a number.");
            }

            double difference = Math.Exp(-t) - l;
            sum += difference;
            if (u > 4 && Math.Abs(difference) < Negligible)
            {
                return sum * Step;
            }

            if (u > LargestExponent)
            {
                throw new ArithmeticException(
                    $"The Laplace transform is still {l} at t = {t}: a variable with mass at zero has no expected logarithm.");
            }
        }
    }

    /// <summary>sum_i c_i log(1 + w_i t) with small w_i t kept to full relative accuracy.</summary>
    private static double LogProduct(double[] values, int[] counts, double t)
    {
        double sum = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double x = values[i] * t;
            double onePlus = 1 + x;

            // Kahan: the rounding of 1 + x cancels in the quotient.
            double log = onePlus == 1 ? x : x > 1e8 ? Math.Log(onePlus) : Math.Log(onePlus) * (x / (onePlus - 1));
            sum += counts[i] * log;
        }

        return sum;
    }

    private static (double[] Values, int[] Counts) Distinct(ReadOnlySpan<double> weights, double largest)
    {
        double[] sorted = weights.ToArray();
        Array.Sort(sorted);
        List<double> values = [];
        List<int> counts = [];
        foreach (double weight in sorted)
        {
            double scaled = weight / largest;
            if (scaled == 0)
            {
                continue;
            }

            if (values.Count > 0 && values[^1] == scaled)
            {
                counts[^1]++;
            }
            else
            {
                values.Add(scaled);
                counts.Add(1);
            }
        }

        return ([.. values], [.. counts]);
    }
}
