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

    /// <summary>
    /// The exponent a of y = c x^a by least squares on logarithms, y being the root mean square of independent replicates at each x, and
    /// the interval that 99.9 % of the resamples lie in: replicates are drawn anew at each x by itself.
    /// </summary>
    /// <param name="x">Positive abscissae, at least two of them different.</param>
    /// <param name="replicates">Values at each of them, not all zero.</param>
    /// <exception cref="ArgumentException">The numbers differ, or an abscissa has no value.</exception>
    public static (double Exponent, double Low, double High) Exponent(
        IReadOnlyList<double> x, IReadOnlyList<IReadOnlyList<double>> replicates)
    {
        // five resamples beyond each end
        const int Draws = 10_000;
        if (x.Count != replicates.Count || replicates.Any(values => values.Count == 0))
        {
            throw new ArgumentException($"{x.Count} abscissae for {replicates.Count} sets of values, none of them empty", nameof(x));
        }

        var logarithms = x.Select(at => Math.Log(at)).ToArray();
        var centre = logarithms.Average();
        var spread = logarithms.Sum(at => (at - centre) * (at - centre));
        double[] weights = [.. logarithms.Select(at => (at - centre) / spread)];
        double[][] squares = [.. replicates.Select(values => values.Select(value => value * value).ToArray())];
        var exponents = new double[Draws];
        var whole = 0.0;
        for (var i = 0; i < squares.Length; i++)
        {
            var stream = new RandomStream(Seed, (ulong)squares[i].Length, (ulong)i);
            whole += weights[i] * Math.Log(squares[i].Average()) / 2;
            for (var draw = 0; draw < Draws; draw++)
            {
                var sum = 0.0;
                for (var j = 0; j < squares[i].Length; j++)
                {
                    sum += squares[i][stream.NextInt32(squares[i].Length)];
                }

                exponents[draw] += weights[i] * Math.Log(sum / squares[i].Length) / 2;
            }
        }

        Array.Sort(exponents);
        return (whole, exponents[(int)(0.0005 * Draws)], exponents[(int)(0.9995 * Draws) - 1]);
    }
}
