using StableRank.Randomness;

namespace StableRank.Experiments.Measuring;

/// <summary>Percentile bootstrap of a mean over independent replicates (Efron 1979).</summary>
internal static class Bootstrap
{
    private const int Resamples = 2000;

    // the same resamples for all samples of one size: nothing but the sample decides the interval
    private const ulong Seed = 1979;

    /// <summary>The mean and its 95 % interval; with few replicates the interval is somewhat too narrow.</summary>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static (double Mean, double Low, double High) Mean(IReadOnlyList<double> values)
    {
        if (values.Count == 0)
        {
            throw new ArgumentException("a mean needs values: there is none", nameof(values));
        }

        var stream = new RandomStream(Seed, (ulong)values.Count);
        var means = new double[Resamples];
        for (var i = 0; i < Resamples; i++)
        {
            for (var j = 0; j < values.Count; j++)
            {
                means[i] += values[stream.NextInt32(values.Count)] / values.Count;
            }
        }

        Array.Sort(means);
        return (values.Average(), means[(int)(0.025 * Resamples)], means[(int)(0.975 * Resamples) - 1]);
    }
}
