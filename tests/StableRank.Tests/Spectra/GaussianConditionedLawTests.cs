using MathNet.Numerics.LinearAlgebra.Double;
using StableRank.LinearAlgebra;
using StableRank.Randomness;
using StableRank.Spectra;
using StableRank.Tests.Randomness;

namespace StableRank.Tests.Spectra;

/// <summary>
/// The conditioned law (3.1) against plain Gaussian matrices that happened to have the stable rank, and its limit (3.3) against its chains.
/// </summary>
public sealed class GaussianConditionedLawTests
{
    private const int Pool = 250_000;
    private const double HalfWidth = 0.01;

    public static TheoryData<int, int, double> SmallShapes => new()
    {
        { 3, 3, 1.15 }, { 3, 3, 1.3 }, { 3, 3, 1.45 }, { 3, 3, 1.6 }, { 3, 3, 1.8 },
        { 4, 4, 1.25 }, { 4, 4, 1.4 }, { 4, 4, 1.6 }, { 4, 4, 1.8 }, { 4, 4, 2.0 },
        { 3, 5, 1.3 }, { 3, 5, 1.6 }, { 3, 5, 1.9 },
    };

    [Theory]
    [MemberData(nameof(SmallShapes))]
    public void Draw_SmallShapes_AgreesWithGaussianMatricesOfThatStableRank(int m, int n, double stableRank)
    {
        double[][] gaussian = Conditioned(m, n, stableRank);
        gaussian.Length.Should().BeGreaterThan(500, "the pool must hold enough matrices of that stable rank");
        double[][] ours = Chain(m, n, stableRank, 4000, exponentShift: 0);

        AgreementOf(gaussian, ours).Should().BeLessThan(Statistic.Kolmogorov);
    }

    [Theory]
    [InlineData(3, 3, 1.5)]
    [InlineData(4, 4, 1.6)]
    public void Draw_WithAnotherExponent_DisagreesWithGaussianMatrices(int m, int n, double stableRank) =>
        AgreementOf(Conditioned(m, n, stableRank), Chain(m, n, stableRank, 4000, exponentShift: 0.5))
            .Should().BeGreaterThan(1.5 * Statistic.Kolmogorov);

    [Theory]
    [InlineData(64, 64, 6)]         // pulled
    [InlineData(64, 64, 16.75)]     // at the first transition
    [InlineData(64, 64, 32)]        // squeezed
    [InlineData(64, 64, 48.25)]     // at the second transition
    [InlineData(64, 64, 58)]        // gapped
    [InlineData(128, 64, 10)]
    [InlineData(128, 64, 40)]
    [InlineData(256, 64, 14)]
    [InlineData(256, 64, 50)]
    public void Limit_DistributionFunction_IsThatOfTheChainsUpToOneParticleInTheBulk(int m, int n, double stableRank)
    {
        var law = new GaussianConditionedLaw(m, n, stableRank);
        GaussianConditionedSample sample = law.Sample(500, seed: 11);

        sample.Warnings.Should().BeEmpty();
        double[] y = [.. sample.Spectra.SelectMany(spectrum => spectrum.Skip(1).Select(s => s * s))];
        double distance = Statistic.KolmogorovSmirnov(y, law.Limit.CumulativeProbability) / Math.Sqrt(y.Length);

        // the limit is the leading order in 1/k: a whole particle of k - 1 may be out of its place, and sampling adds a fraction of that
        distance.Should().BeLessThan(1.5 / 63);
    }

    [Fact]
    public void Limit_DistanceFromTheChains_FallsWithTheSize()
    {
        double[] distances = [.. new[] { 8, 32, 128 }.Select(k =>
        {
            var law = new GaussianConditionedLaw(k, k, 0.5 * k);
            double[] y = [.. law.Sample(400, seed: 3, thinning: 4).Spectra.SelectMany(spectrum => spectrum.Skip(1).Select(s => s * s))];
            return Statistic.KolmogorovSmirnov(y, law.Limit.CumulativeProbability) / Math.Sqrt(y.Length);
        })];

        distances[1].Should().BeLessThan(0.6 * distances[0]);
        distances[2].Should().BeLessThan(0.6 * distances[1]);
    }

    [Fact]
    public void Limit_OfAnotherPhase_IsFarFromTheChains()
    {
        double[] y = [.. new GaussianConditionedLaw(64, 64, 32).Sample(200, seed: 1).Spectra.SelectMany(x => x.Skip(1).Select(s => s * s))];

        (Statistic.KolmogorovSmirnov(y, new GaussianConditionedLimit(64, 64, 36).CumulativeProbability) / Math.Sqrt(y.Length))
            .Should().BeGreaterThan(2.5 / 63);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(0.75)]
    [InlineData(0.9)]
    public void Limit_Square_DensityIntegratesToItsDistributionAndMean(double f)
    {
        const int K = 1001;
        var limit = new GaussianConditionedLimit(K, K, 1 + (f * (K - 1)));
        double[] quantiles = limit.Quantiles(200_000);

        quantiles.Average().Should().BeApproximately(f, 1e-6);
        foreach (double y in new[] { 0.2, 0.5, 0.8 }.Select(u => quantiles[(int)(u * quantiles.Length)]))
        {
            const double H = 1e-5;
            double slope = (limit.CumulativeProbability(y + H) - limit.CumulativeProbability(y - H)) / (2 * H);
            slope.Should().BeApproximately(limit.Density(y), 1e-6 * Math.Max(1, limit.Density(y)));
        }
    }

    [Fact]
    public void Limit_AtTheTransitions_IsContinuous()
    {
        foreach (double f in new[] { 0.25, 0.75 })
        {
            double[] below = new GaussianConditionedLimit(101, 101, 1 + (100 * (f - 1e-9))).Quantiles(50);
            double[] above = new GaussianConditionedLimit(101, 101, 1 + (100 * (f + 1e-9))).Quantiles(50);
            below.Zip(above, (a, b) => Math.Abs(a - b)).Max().Should().BeLessThan(1e-7);
        }
    }

    [Fact]
    public void Sample_Diagnostics_AreThoseOfChainsThatMix()
    {
        GaussianConditionedSample sample = new GaussianConditionedLaw(48, 64, 12).Sample(600, seed: 5);

        sample.Warnings.Should().BeEmpty();
        sample.SplitRHat.Should().BeInRange(0.99, 1.01);
        sample.EffectiveSampleSize.Should().BeInRange(200, 2400 * 1.05);
        sample.Acceptance.Should().BeInRange(0.999, 1);
        sample.EvaluationsPerMove.Should().BeInRange(1, 5);
        sample.Spectra.Should().HaveCount(2400);
        sample.Spectra.Should().OnlyContain(spectrum => Math.Abs(ExactSquares.UlpsAbove(spectrum, 12)) <= 4);
    }

    [Fact]
    public void Sample_ChainsThatAreTooShort_WarnOfIt() =>
        new GaussianConditionedLaw(128, 128, 20).Sample(8, seed: 5, burnIn: 0, thinning: 1).Warnings.Should().NotBeEmpty();

    [Fact]
    public void Sample_SameSeed_IsTheSameWhateverTheThreads()
    {
        var law = new GaussianConditionedLaw(20, 20, 5);
        law.Sample(10, seed: 2).Spectra.Should().Equal(law.Sample(10, seed: 2).Spectra);
    }

    [Theory]
    [InlineData(1, 5, 1)]
    [InlineData(2, 2, 1.3)]
    [InlineData(6, 6, 1)]
    [InlineData(6, 4, 4)]
    public void Draw_WhereOneSpectrumOnlyHasTheStableRank_IsThatSpectrum(int m, int n, double stableRank)
    {
        var law = new GaussianConditionedLaw(m, n, stableRank);

        law.IsDeterministic.Should().BeTrue();
        law.Draw(new RandomStream(1)).Should().Equal(law.Draw(new RandomStream(2)));
        Math.Abs(ExactSquares.UlpsAbove(law.Draw(new RandomStream(1)), stableRank)).Should().BeLessThanOrEqualTo(4);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(5.5)]
    [InlineData(double.NaN)]
    public void Law_OfAnInadmissibleStableRank_NamesRangeAndValue(double stableRank) =>
        FluentActions.Invoking(() => new GaussianConditionedLaw(5, 7, stableRank)).Should()
            .Throw<ArgumentOutOfRangeException>().WithMessage("*[1, 5]*");

    /// <summary>
    /// The greatest of three two-sample statistics, of the shares of y_2 and y_3 in the sum and of sum y^2 over its square: as shares, so
    /// that the width of the window around r counts in the second order only.
    /// </summary>
    private static double AgreementOf(double[][] a, double[][] b) =>
        new Func<double[], double>[] { y => y[0] / y.Sum(), y => y[1] / y.Sum(), y => y.Sum(v => v * v) / (y.Sum() * y.Sum()) }
            .Max(statistic => Statistic.KolmogorovSmirnov(a.Select(statistic).ToArray(), b.Select(statistic).ToArray()));

    /// <summary>(y_2, ..., y_k), non-increasing, of Gaussian matrices whose stable rank fell within the window around r.</summary>
    private static double[][] Conditioned(int m, int n, double stableRank)
    {
        var found = new List<double[]>();
        var stream = new RandomStream(21, layer: (ulong)(10 * m) + (ulong)n);
        double[] matrix = new double[m * n];
        double[] values = new double[Math.Min(m, n)];
        for (int i = 0; i < Pool; i++)
        {
            stream.FillGaussian<double>(matrix);
            SingularValues.Compute<double>(m, n, matrix, m, values);
            double[] y = [.. values.Skip(1).Select(s => s * s / (values[0] * values[0]))];
            if (Math.Abs(1 + y.Sum() - stableRank) < HalfWidth)
            {
                found.Add(y);
            }
        }

        return [.. found];
    }

    private static double[][] Chain(int m, int n, double stableRank, int draws, double exponentShift)
    {
        int k = Math.Min(m, n);
        double exponent = (0.5 * (Math.Abs(m - n) - 1)) + exponentShift;
        double[] start = [.. Enumerable.Range(1, k - 1).Select(i => (stableRank - 1) * 2 * i / (k * (k - 1.0)))];
        if (start[^1] >= 1)
        {
            start = [.. Enumerable.Range(1, k - 1).Select(i => 1 - ((k - stableRank) * 2 * (k - i) / (k * (k - 1.0))))];
        }

        var chain = new LogGasChain(start, start, exponent, modes: 0, new RandomStream(31));
        return [.. Enumerable.Range(0, draws).Select(_ =>
        {
            for (int sweep = 0; sweep < 12; sweep++)
            {
                chain.Sweep();
            }

            return chain.State.ToArray().Reverse().ToArray();
        })];
    }
}
