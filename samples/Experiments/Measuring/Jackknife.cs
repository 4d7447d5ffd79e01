using StableRank.Propagation;
using StableRank.Replication;

namespace StableRank.Experiments.Measuring;

/// <summary>
/// Estimates of smooth functions of means, with standard errors, from independent replicates (Quenouille 1956, Tukey 1958).
/// </summary>
internal static class Jackknife
{
    /// <summary>The estimate with its bias of order 1 / replicates removed.</summary>
    /// <param name="all">The function of all replicates.</param>
    /// <param name="without">The function of all replicates but one, for each of them; at least two.</param>
    public static Estimate Of(double all, ReadOnlySpan<double> without)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(without.Length, 2);
        double mean = 0;
        foreach (var value in without)
        {
            mean += value / without.Length;
        }

        double squares = 0;
        foreach (var value in without)
        {
            squares += (value - mean) * (value - mean);
        }

        var count = without.Length;
        return new Estimate(count * all - (count - 1.0) * mean, Math.Sqrt(squares * (count - 1.0) / count), count);
    }
}
