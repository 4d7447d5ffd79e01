using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Tests.Ensembles;

public sealed class StableRankEnsembleTests
{
    private const double DoubleTolerance = 1e-12;
    private const double SingleTolerance = 1e-5;

    private static readonly SpectralFamily[] Families =
    [
        SpectralFamily.Flat, SpectralFamily.Spike, SpectralFamily.PowerLaw, SpectralFamily.Exponential, SpectralFamily.Linear,
        SpectralFamily.MarchenkoPastur,
    ];

    public static TheoryData<int, int> Shapes => new()
    {
        { 1, 1 }, { 1, 2 }, { 2, 1 }, { 1, 9 }, { 9, 1 }, { 2, 2 }, { 2, 3 }, { 5, 3 }, { 16, 16 }, { 17, 31 }, { 64, 5 }, { 33, 70 },
        { 128, 96 }, { 1, 1024 }, { 1024, 1 }, { 1024, 16 }, { 16, 1024 },
    };

    private static IEnumerable<double> StableRanks(int k) =>
        new[] { 1, 1.5, 2, (0.25 * k) + 0.3, 0.7 * k, k - 0.125, k }.Where(r => r >= 1 && r <= k).Distinct();

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Sample_EveryFamilyRankAndPrecision_HasTheStableRank(int m, int n)
    {
        ulong seed = (ulong)((m * 2000) + n);
        foreach (SpectralFamily family in Families)
        {
            foreach (double r in StableRanks(Math.Min(m, n)))
            {
                StableRankEnsemble ensemble = Ensemble.StableRank(m, n, r, family, ScaleConvention.ReLU);
                RandomStream stream = new(seed++);
                RequireSpectrum(ensemble, ensemble.Sample<double>(stream), DoubleTolerance);
                RequireSpectrum(ensemble, ensemble.Sample<float>(stream).Map(x => (double)x), SingleTolerance);
            }
        }
    }

    [Theory]
    [InlineData(1024, 1024, 300.5)]
    [InlineData(1024, 700, 20)]
    public void Sample_LargeMatrix_HasTheStableRank(int m, int n, double r)
    {
        StableRankEnsemble ensemble = Ensemble.StableRank(m, n, r, SpectralFamily.PowerLaw);
        RequireSpectrum(ensemble, ensemble.Sample<double>(new RandomStream(1)), DoubleTolerance);
        RequireSpectrum(ensemble, ensemble.Sample<float>(new RandomStream(1)).Map(x => (double)x), SingleTolerance);
    }

    [Theory]
    [InlineData("spectral:3.5")]
    [InlineData("frobenius:0.01")]
    [InlineData("relu")]
    [InlineData("leaky-relu:0.2")]
    [InlineData("linear")]
    public void Sample_EveryScale_HasThatNorm(string scale)
    {
        StableRankEnsemble ensemble = Ensemble.StableRank(20, 30, 4.5, SpectralFamily.Spike, ScaleConvention.Parse(scale));
        Spectrum spectrum = Spectrum.Of(ensemble.Sample<double>(new RandomStream(5)));
        double expected = scale.Split(':')[0] switch
        {
            "spectral" => 3.5,
            "frobenius" => 0.01 / Math.Sqrt(4.5),
            "relu" => Math.Sqrt(2 * 20 / 4.5),
            "leaky-relu" => Math.Sqrt(2 / 1.04 * 20 / 4.5),
            _ => Math.Sqrt(20 / 4.5),
        };
        (spectrum.SpectralNorm / expected).Should().BeApproximately(1, DoubleTolerance);
        (spectrum.StableRank / 4.5).Should().BeApproximately(1, DoubleTolerance);
    }

    [Theory]
    [InlineData(6, 9)]
    [InlineData(9, 6)]
    public void FromSpectrum_FewerValues_HasThemAndZeros(int m, int n)
    {
        StableRankEnsemble ensemble = Ensemble.FromSpectrum(m, n, Spectrum.FromSingularValues([3, 2, 0.5]));
        Spectrum spectrum = Spectrum.Of(ensemble.Sample<double>(new RandomStream(3)));
        double[] expected = [3, 2, 0.5, 0, 0, 0];
        spectrum.Zip(expected, (a, b) => Math.Abs(a - b)).Should().OnlyContain(d => d < 1e-14 * 3 * 10);
        ensemble.StableRank.Should().BeApproximately((9 + 4 + 0.25) / 9, 1e-15);
        ensemble.Spectrum.Should().HaveCount(6);
        ensemble.Family.Draw(m, n, ensemble.StableRank).Should().HaveCount(6);
    }

    [Fact]
    public void Sample_RandomFamily_HasTheStableRankAndAnotherSpectrumEachTime()
    {
        StableRankEnsemble ensemble = Ensemble.StableRank(8, 6, 1.75, new TwoLevelFamily());
        RandomStream stream = new(9);
        Spectrum first = Spectrum.Of(ensemble.Sample<double>(stream));
        Spectrum second = Spectrum.Of(ensemble.Sample<double>(stream));
        ensemble.Spectrum.Should().BeNull();
        first.StableRank.Should().BeApproximately(1.75, DoubleTolerance);
        second.StableRank.Should().BeApproximately(1.75, DoubleTolerance);
        Math.Abs(first[1] - second[1]).Should().BeGreaterThan(1e-3);
    }

    // Both routes from reflectors to the matrix, whichever the flops choose.
    [Theory]
    [InlineData(9, 14, 5)]
    [InlineData(14, 9, 9)]
    [InlineData(12, 12, 12)]
    [InlineData(12, 12, 1)]
    public void Compose_FormingOneFactorOrBoth_GivesOneMatrix(int m, int n, int q)
    {
        double[][] results = new double[2][];
        foreach (bool both in new[] { false, true })
        {
            RandomStream stream = new(11);
            double[] w = Enumerable.Repeat(double.NaN, m * n).ToArray();
            double[] v = new double[n * q];
            double[] u = both ? new double[m * q] : w;
            double[] tauU = new double[q];
            double[] tauV = new double[q];
            HaarReflectors.Draw<double>(m, q, u.AsSpan(0, m * q), tauU, stream);
            HaarReflectors.Draw<double>(n, q, v, tauV, stream);
            double[] signed = Enumerable.Range(1, q).Select(i => i % 2 == 0 ? -1.0 / i : 1.0 / i).ToArray();
            SingularFactors.Compose<double>(m, n, q, u.AsSpan(0, m * q), tauU, signed, v, tauV, w, both);
            results[both ? 1 : 0] = w;
        }

        results[0].Zip(results[1], (a, b) => Math.Abs(a - b)).Max().Should().BeLessThan(1e-15 * (m + n));
    }

    [Fact]
    public void Sample_SameName_GivesTheSameBitsOnAnyThreadAndThroughEitherOverload()
    {
        StableRankEnsemble ensemble = Ensemble.StableRank(40, 30, 7.5, SpectralFamily.Exponential);
        double[][] one = Enumerable.Range(0, 16).Select(i => Draw(ensemble, i)).ToArray();
        double[][] many = new double[one.Length][];
        Parallel.For(0, many.Length, k => many[many.Length - 1 - k] = Draw(ensemble, many.Length - 1 - k));
        for (int i = 0; i < one.Length; i++)
        {
            many[i].Should().Equal(one[i]);
            one.Count(other => other[0] == one[i][0]).Should().Be(1);
        }

        double[] span = new double[(40 * 30) + 5];
        span.AsSpan().Fill(-7);
        ensemble.Sample<double>(span, new RandomStream(21, 3, 0));
        span[..^5].Should().Equal(one[0]);
        span[^5..].Should().OnlyContain(x => x == -7);
    }

    // The workspace is pooled: what remains is the stream's buffers and what a backend's call needs, against 320 kB for a matrix.
    [Fact]
    public void Sample_IntoASpan_AllocatesNoMatrix()
    {
        StableRankEnsemble ensemble = Ensemble.StableRank(200, 200, 50.5);
        double[] w = new double[200 * 200];
        ensemble.Sample<double>(w, new RandomStream(1));
        long before = GC.GetAllocatedBytesForCurrentThread();
        ensemble.Sample<double>(w, new RandomStream(2));
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(20_000);
    }

    [Fact]
    public void Sample_SameStreamTwice_GivesTwoMatrices()
    {
        StableRankEnsemble ensemble = Ensemble.StableRank(5, 5, 2);
        RandomStream stream = new(1);
        ensemble.Sample<double>(stream).Should().NotBe(ensemble.Sample<double>(stream));
    }

    [Fact]
    public void StableRank_WhatTheFamilyDoesNotAdmit_IsRefusedAtOnce()
    {
        Action above = () => Ensemble.StableRank(4, 6, 4.5);
        Action below = () => Ensemble.StableRank(4, 6, 0.5);
        Action nan = () => Ensemble.StableRank(4, 6, double.NaN);
        Action random = () => Ensemble.StableRank(4, 6, 3, new TwoLevelFamily());
        Action rows = () => Ensemble.StableRank(0, 6, 1);
        above.Should().Throw<ArgumentOutOfRangeException>();
        below.Should().Throw<ArgumentOutOfRangeException>();
        nan.Should().Throw<ArgumentOutOfRangeException>();
        random.Should().Throw<ArgumentOutOfRangeException>();
        rows.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*rows must be at least 1*");
    }

    [Fact]
    public void FromSpectrum_TooManyValuesOrAllZero_IsRefused()
    {
        Action many = () => Ensemble.FromSpectrum(2, 5, Spectrum.FromSingularValues([1, 1, 1]));
        Action zero = () => Ensemble.FromSpectrum(2, 5, Spectrum.FromSingularValues([0, 0]));
        many.Should().Throw<ArgumentException>().WithMessage("*3 values*min(m, n) = 2*");
        zero.Should().Throw<ArgumentException>().WithMessage("*zero*");
    }

    [Fact]
    public void Sample_WhatCannotBeHeld_IsRefused()
    {
        StableRankEnsemble ensemble = Ensemble.StableRank(3, 3, 2, scale: ScaleConvention.Spectral(1e200));
        Action single = () => ensemble.Sample<float>(new RandomStream(1));
        Action half = () => ensemble.Sample<Half>(new RandomStream(1));
        Action small = () => ensemble.Sample<double>(new double[8], new RandomStream(1));
        Action huge = () => Ensemble.StableRank(50_000, 50_000, 2).Sample<float>(new RandomStream(1));
        single.Should().Throw<OverflowException>().WithMessage("*System.Single*");
        half.Should().Throw<NotSupportedException>().WithMessage("*System.Half*");
        small.Should().Throw<ArgumentException>().WithMessage("*8 elements*3 x 3 = 9*");
        huge.Should().Throw<NotSupportedException>().WithMessage("*2500000000 entries*");
    }

    private static double[] Draw(StableRankEnsemble ensemble, int replicate) =>
        ensemble.Sample<double>(new RandomStream(21, 3, (ulong)replicate)).ToColumnMajorArray();

    private static void RequireSpectrum(StableRankEnsemble ensemble, Matrix<double> w, double tolerance)
    {
        Spectrum expected = ensemble.Spectrum!;
        Spectrum spectrum = Spectrum.Of(w);
        (w.RowCount, w.ColumnCount).Should().Be((ensemble.Rows, ensemble.Columns));
        (spectrum.StableRank / ensemble.StableRank).Should().BeApproximately(1, tolerance, "{0}", ensemble);
        for (int i = 0; i < expected.Count; i++)
        {
            spectrum[i].Should().BeApproximately(expected[i], tolerance * expected.SpectralNorm, "{0}, value {1}", ensemble, i);
        }
    }
}
