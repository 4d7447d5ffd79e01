using System.Numerics;
using MathNet.Numerics.Distributions;
using StableRank.Randomness;

namespace StableRank.Tests.Randomness;

/// <summary>The laws of the numbers, each statistic within five standard errors, over twenty seeds.</summary>
public sealed class RandomStreamStatisticsTests
{
    private const int Count = 1 << 18;

    private static double[] Gaussians(RandomStream stream, int count = Count)
    {
        double[] values = new double[count];
        stream.FillGaussian<double>(values);
        return values;
    }

    [Theory]
    [MemberData(nameof(Seeds.Twenty), MemberType = typeof(Seeds))]
    public void FillGaussian_MomentsOneToSix_AreTheGaussianOnes(ulong seed)
    {
        double[] z = Gaussians(new RandomStream(seed));

        // E z^k and Var z^k = E z^2k - (E z^k)^2, from E z^2j = (2j - 1)!!.
        double[] moments = [1, 0, 1, 0, 3, 0, 15, 0, 105, 0, 945, 0, 10395];
        for (int k = 1; k <= 6; k++)
        {
            double mean = 0;
            foreach (double x in z)
            {
                mean += Math.Pow(x, k) / Count;
            }

            double standardError = Math.Sqrt((moments[2 * k] - (moments[k] * moments[k])) / Count);
            ((mean - moments[k]) / standardError).Should().BeInRange(-Statistic.StandardErrors, Statistic.StandardErrors, "moment {0}", k);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds.Twenty), MemberType = typeof(Seeds))]
    public void FillGaussian_DistributionFunction_IsTheGaussianOne(ulong seed)
    {
        double[] z = Gaussians(new RandomStream(seed), 1 << 15);
        Statistic.KolmogorovSmirnov(z, x => Normal.CDF(0, 1, x)).Should().BeLessThan(Statistic.Kolmogorov);
    }

    [Theory]
    [MemberData(nameof(Seeds.Twenty), MemberType = typeof(Seeds))]
    public void FillGaussian_Tails_HaveTheirWeight(ulong seed)
    {
        const int Draws = 1 << 20;
        double[] z = Gaussians(new RandomStream(seed), Draws);
        foreach (double level in new[] { 1.0, 2.0, 3.0, 4.0 })
        {
            double probability = Normal.CDF(0, 1, -level);
            double standardError = Math.Sqrt(Draws * probability * (1 - probability));
            double above = (z.Count(x => x > level) - (Draws * probability)) / standardError;
            double below = (z.Count(x => x < -level) - (Draws * probability)) / standardError;
            above.Should().BeInRange(-Statistic.StandardErrors, Statistic.StandardErrors);
            below.Should().BeInRange(-Statistic.StandardErrors, Statistic.StandardErrors);
        }

        // The largest of 2^20: below 4 with probability exp(-66), above 7 with probability 3e-6.
        z.Max(Math.Abs).Should().BeInRange(4, 7);
    }

    [Theory]
    [MemberData(nameof(Seeds.Twenty), MemberType = typeof(Seeds))]
    public void FillUniform_Cells_AreEquallyFull(ulong seed)
    {
        double[] u = new double[Count];
        new RandomStream(seed).FillUniform(u);
        long[] single = new long[1024];
        long[] pairs = new long[32 * 32];
        for (int i = 0; i < Count; i += 2)
        {
            single[(int)(u[i] * 1024)]++;
            single[(int)(u[i + 1] * 1024)]++;
            pairs[((int)(u[i] * 32) * 32) + (int)(u[i + 1] * 32)]++;
        }

        Statistic.ChiSquareDeviation(single).Should().BeInRange(-Statistic.StandardErrors, Statistic.StandardErrors);
        Statistic.ChiSquareDeviation(pairs).Should().BeInRange(-Statistic.StandardErrors, Statistic.StandardErrors);
    }

    [Theory]
    [MemberData(nameof(Seeds.Twenty), MemberType = typeof(Seeds))]
    public void NextInt32_Values_AreEquallyFrequent(ulong seed)
    {
        RandomStream stream = new(seed);
        foreach (int bound in new[] { 2, 3, 7, 100 })
        {
            long[] counts = new long[bound];
            for (int i = 0; i < 20_000; i++)
            {
                counts[stream.NextInt32(bound)]++;
            }

            Statistic.ChiSquareDeviation(counts).Should().BeInRange(-Statistic.StandardErrors, Statistic.StandardErrors);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds.Twenty), MemberType = typeof(Seeds))]
    public void FillSigns_Mean_IsZero(ulong seed)
    {
        float[] signs = new float[1 << 16];
        new RandomStream(seed).FillSigns<float>(signs);
        signs.Should().OnlyContain(s => MathF.Abs(s) == 1);
        (signs.Sum() / Math.Sqrt(signs.Length)).Should().BeInRange(-Statistic.StandardErrors, Statistic.StandardErrors);
    }

    [Theory]
    [MemberData(nameof(Seeds.Twenty), MemberType = typeof(Seeds))]
    public void Shuffle_OfFour_GivesEveryOrderEquallyOften(ulong seed)
    {
        RandomStream stream = new(seed);
        long[] counts = new long[256];
        for (int i = 0; i < 24_000; i++)
        {
            int[] items = [0, 1, 2, 3];
            stream.Shuffle<int>(items);
            counts[(items[0] * 64) + (items[1] * 16) + (items[2] * 4) + items[3]]++;
        }

        long[] orders = counts.Where(c => c > 0).ToArray();
        orders.Should().HaveCount(24);
        Statistic.ChiSquareDeviation(orders).Should().BeInRange(-Statistic.StandardErrors, Statistic.StandardErrors);
    }

    [Theory]
    [MemberData(nameof(Seeds.Twenty), MemberType = typeof(Seeds))]
    public void Streams_OfNeighbouringNames_AreUncorrelated(ulong seed)
    {
        RandomStream origin = new(seed, 5, 5, 5);
        RandomStream[] neighbours =
        [
            origin.With(layer: 6), origin.With(replicate: 6), origin.With(purpose: 6), origin.With(layer: 6, replicate: 4),
            new(seed + 1, 5, 5, 5), new(seed ^ (1UL << 63), 5, 5, 5),
        ];
        double[] z = Gaussians(origin.With(), 1 << 16);
        foreach (RandomStream neighbour in neighbours)
        {
            double[] w = Gaussians(neighbour.With(), z.Length);
            double[] products = z.Zip(w, (a, b) => a * b).ToArray();
            double[] squares = z.Zip(w, (a, b) => ((a * a) - 1) * ((b * b) - 1)).ToArray();
            Statistic.Deviation(products, 0).Should().BeInRange(-Statistic.StandardErrors, Statistic.StandardErrors);
            Statistic.Deviation(squares, 0).Should().BeInRange(-Statistic.StandardErrors, Statistic.StandardErrors);
            BitAgreement(origin.With(), neighbour.With()).Should().BeInRange(-Statistic.StandardErrors, Statistic.StandardErrors);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds.Twenty), MemberType = typeof(Seeds))]
    public void FillGaussian_AtEveryLagWithinABatch_IsUncorrelated(ulong seed)
    {
        double[] z = Gaussians(new RandomStream(seed), 1 << 15);
        for (int lag = 1; lag <= 2 * GaussianTransform.BatchSize; lag++)
        {
            double sum = 0;
            double squares = 0;
            for (int i = 0; i + lag < z.Length; i++)
            {
                sum += z[i] * z[i + lag];
                squares += ((z[i] * z[i]) - 1) * ((z[i + lag] * z[i + lag]) - 1);
            }

            // Unit variance of z z', variance 4 of the product of two (z^2 - 1).
            double root = Math.Sqrt(z.Length - lag);
            (sum / root).Should().BeInRange(-Statistic.StandardErrors, Statistic.StandardErrors, "lag {0}", lag);
            (squares / (2 * root)).Should().BeInRange(-Statistic.StandardErrors, Statistic.StandardErrors, "lag {0}", lag);
        }
    }

    [Fact]
    public void Statistics_OfWrongSamples_ExceedTheBounds()
    {
        // Each checker fails on what it is there to catch: a sum of three uniforms for a Gaussian (fourth moment 2.6), a standard
        // deviation 10 % off, a correlated pair, uneven cells.
        double[] u = new double[3 << 15];
        new RandomStream(1).FillUniform(u);
        double[] sums = u.Chunk(3).Select(part => (2 * part.Sum()) - 3).ToArray();
        Statistic.Deviation(sums.Select(x => x * x * x * x).ToArray(), 3).Should().BeLessThan(-Statistic.StandardErrors);
        Statistic.KolmogorovSmirnov(sums, x => Normal.CDF(0, 1.1, x)).Should().BeGreaterThan(Statistic.Kolmogorov);

        double[] z = Gaussians(new RandomStream(1), 1 << 15);
        double[] shifted = z.Zip(Gaussians(new RandomStream(2), z.Length), (a, b) => a * (b + (0.05 * a))).ToArray();
        Statistic.Deviation(shifted, 0).Should().BeGreaterThan(Statistic.StandardErrors);
        Statistic.ChiSquareDeviation([1000, 1000, 1250]).Should().BeGreaterThan(Statistic.StandardErrors);
        Statistic.ChiSquareDeviation(Enumerable.Repeat(1000L, 100).ToArray()).Should().BeLessThan(-Statistic.StandardErrors, "too even");
        BitAgreement(new RandomStream(4), new RandomStream(4)).Should().BeGreaterThan(Statistic.StandardErrors);
    }

    /// <summary>Equal bits of two streams' words less unequal ones, in standard errors.</summary>
    private static double BitAgreement(RandomStream first, RandomStream second)
    {
        const int Words = 4096;
        long different = 0;
        for (int i = 0; i < Words; i++)
        {
            different += BitOperations.PopCount(first.NextUInt64() ^ second.NextUInt64());
        }

        return ((Words * 64.0) - (2.0 * different)) / Math.Sqrt(Words * 64.0);
    }
}
