namespace StableRank.Tests.Spectra;

/// <summary>The (k, r) at which every family is tried: both edges to the last double, the integers' neighbourhoods, and random r.</summary>
internal static class StableRankGrid
{
    internal static readonly int[] Sizes = [1, 2, 3, 4, 5, 8, 13, 21, 64, 100, 341, 1000, 4095, 4096];

    /// <summary>Stable ranks in [minimum, maximum], for a family that admits that range.</summary>
    internal static IEnumerable<double> StableRanks(double minimum, double maximum, int seed, int random = 8)
    {
        double width = maximum - minimum;
        double[] fixedOnes =
        [
            minimum, Math.BitIncrement(minimum), Math.BitIncrement(Math.BitIncrement(minimum)),
            minimum + 1e-15, minimum + 1e-12, minimum + 1e-8, minimum + 1e-4, minimum + 0.25, Math.BitIncrement(minimum + 0.25),
            minimum + 0.1, 2, Math.BitDecrement(2), Math.BitIncrement(2), Math.BitDecrement(4), 4, Math.Floor(maximum / 2), Math.PI,
            minimum + width / 4, minimum + width / 3, minimum + width / 2, minimum + 3 * width / 4,
            maximum - 1, Math.BitIncrement(maximum - 1), Math.BitDecrement(maximum - 1), maximum - 0.1, maximum - 1e-4,
            maximum - 1e-8, maximum - 1e-11, Math.BitDecrement(Math.BitDecrement(maximum)), Math.BitDecrement(maximum), maximum,
        ];
        foreach (double r in fixedOnes)
        {
            if (r >= minimum && r <= maximum)
            {
                yield return r;
            }
        }

        var source = new Random(seed);
        for (int i = 0; i < random; i++)
        {
            // uniform, then log-uniform from either edge
            yield return minimum + width * source.NextDouble();
            yield return Math.Min(maximum, minimum + width * Math.Exp(-36 * source.NextDouble()));
            yield return Math.Max(minimum, maximum - width * Math.Exp(-36 * source.NextDouble()));
        }
    }
}
