namespace StableRank.Tests.Randomness;

/// <summary>Test statistics in units in which a bound means the same everywhere: standard errors, and Kolmogorov's sqrt(n) D.</summary>
internal static class Statistic
{
    /// <summary>The bound on deviations measured in standard errors: two-sided level 5.7e-7 for a Gaussian statistic.</summary>
    public const double StandardErrors = 5;

    /// <summary>The bound on sqrt(n) D at the same level: 2 exp(-2 x^2) = 5.7e-7.</summary>
    public const double Kolmogorov = 2.745;

    /// <summary>(mean - expected) in standard errors estimated from the sample.</summary>
    public static double Deviation(ReadOnlySpan<double> sample, double expected)
    {
        (double mean, double variance) = MeanAndVariance(sample);
        return (mean - expected) / Math.Sqrt(variance / sample.Length);
    }

    public static (double Mean, double Variance) MeanAndVariance(ReadOnlySpan<double> sample)
    {
        double mean = 0;
        foreach (double x in sample)
        {
            mean += x;
        }

        mean /= sample.Length;
        double sum = 0;
        foreach (double x in sample)
        {
            sum += (x - mean) * (x - mean);
        }

        return (mean, sum / (sample.Length - 1));
    }

    /// <summary>sqrt(n) times the largest distance of the sample's distribution function from <paramref name="cdf"/>.</summary>
    public static double KolmogorovSmirnov(ReadOnlySpan<double> sample, Func<double, double> cdf)
    {
        double[] sorted = sample.ToArray();
        Array.Sort(sorted);
        double distance = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            double f = cdf(sorted[i]);
            distance = Math.Max(distance, Math.Max(((i + 1.0) / sorted.Length) - f, f - ((double)i / sorted.Length)));
        }

        return distance * Math.Sqrt(sorted.Length);
    }

    /// <summary>The two-sample form, scaled by sqrt(n m / (n + m)).</summary>
    public static double KolmogorovSmirnov(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        double[] a = first.ToArray();
        double[] b = second.ToArray();
        Array.Sort(a);
        Array.Sort(b);
        double distance = 0;
        int i = 0;
        int j = 0;
        while (i < a.Length && j < b.Length)
        {
            double x = Math.Min(a[i], b[j]);
            while (i < a.Length && a[i] <= x)
            {
                i++;
            }

            while (j < b.Length && b[j] <= x)
            {
                j++;
            }

            distance = Math.Max(distance, Math.Abs(((double)i / a.Length) - ((double)j / b.Length)));
        }

        return distance * Math.Sqrt((double)a.Length * b.Length / (a.Length + b.Length));
    }

    /// <summary>
    /// Pearson's chi-square of counts with equal expectations, turned into a standard Gaussian by Wilson and Hilferty's cube root.
    /// </summary>
    public static double ChiSquareDeviation(ReadOnlySpan<long> counts)
    {
        long total = 0;
        foreach (long count in counts)
        {
            total += count;
        }

        double expected = (double)total / counts.Length;
        double chiSquare = 0;
        foreach (long count in counts)
        {
            chiSquare += (count - expected) * (count - expected) / expected;
        }

        double freedom = counts.Length - 1;
        double spread = 2 / (9 * freedom);
        return (Math.Cbrt(chiSquare / freedom) - (1 - spread)) / Math.Sqrt(spread);
    }
}
