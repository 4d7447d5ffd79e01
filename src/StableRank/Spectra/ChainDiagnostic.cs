namespace StableRank.Spectra;

/// <summary>How well Markov chains have estimated the mean of one statistic.</summary>
/// <param name="Statistic">What was followed.</param>
/// <param name="Mean">Its mean over all chains.</param>
/// <param name="StandardError">The standard deviation over the square root of the effective sample size.</param>
/// <param name="EffectiveSampleSize">
/// Draws over the integrated autocorrelation time, summed over chains; the time by Geyer's initial positive sequence on the average of the
/// chains' autocovariances, never below 1.
/// </param>
/// <param name="SplitRHat">
/// Gelman and Rubin's ratio with every chain cut into two halves: near 1 where chains from dispersed starts agree; above 1.01 they have not
/// run long enough. NaN where there are fewer than four draws a chain.
/// </param>
public sealed record ChainDiagnostic(string Statistic, double Mean, double StandardError, double EffectiveSampleSize, double SplitRHat)
{
    /// <summary>Diagnoses equally long chains of one statistic.</summary>
    internal static ChainDiagnostic Of(string statistic, double[][] chains)
    {
        int length = chains[0].Length;
        double mean = chains.Average(chain => chain.Average());
        double variance = chains.Sum(chain => chain.Sum(x => (x - mean) * (x - mean))) / Math.Max(1, (chains.Length * length) - 1);
        double size = chains.Length * length / Math.Max(1, AutocorrelationTime(chains));
        return new ChainDiagnostic(statistic, mean, Math.Sqrt(variance / size), size, RHat(chains));
    }

    /// <summary>1 + 2 sum of autocorrelations, summed in pairs while the pairs are positive and decreasing (Geyer 1992).</summary>
    private static double AutocorrelationTime(double[][] chains)
    {
        int length = chains[0].Length;
        double variance = Autocovariance(chains, 0);
        if (!(variance > 0))
        {
            return 1;
        }

        double time = -1;
        double former = double.PositiveInfinity;
        for (int lag = 0; lag + 1 < length; lag += 2)
        {
            double pair = (Autocovariance(chains, lag) + Autocovariance(chains, lag + 1)) / variance;
            if (pair <= 0)
            {
                break;
            }

            pair = Math.Min(pair, former);
            former = pair;
            time += 2 * pair;
        }

        return time;
    }

    private static double Autocovariance(double[][] chains, int lag)
    {
        double sum = 0;
        foreach (double[] chain in chains)
        {
            double mean = chain.Average();
            for (int i = 0; i + lag < chain.Length; i++)
            {
                sum += (chain[i] - mean) * (chain[i + lag] - mean);
            }
        }

        return sum / (chains.Length * chains[0].Length);
    }

    private static double RHat(double[][] chains)
    {
        int half = chains[0].Length / 2;
        if (half < 2)
        {
            return double.NaN;
        }

        List<double[]> halves = [.. chains.Select(chain => chain[..half]), .. chains.Select(chain => chain[^half..])];
        double[] means = [.. halves.Select(part => part.Average())];
        double grand = means.Average();
        double between = half * means.Sum(mean => (mean - grand) * (mean - grand)) / (halves.Count - 1);
        double within = halves.Zip(means, (part, mean) => part.Sum(x => (x - mean) * (x - mean)) / (half - 1)).Average();
        return within > 0 ? Math.Sqrt(((half - 1.0) / half) + (between / within / half)) : 1;
    }
}
