using StableRank.Ensembles;
using StableRank.Randomness;
using StableRank.Spectra;
using StableRank.Tests.Randomness;

namespace StableRank.Tests.Spectra;

/// <summary>The law of the stable rank of Gaussian matrices: the bidiagonal model, the moments, the rate far from the mean.</summary>
public sealed class GaussianStableRankLawTests
{
    [Theory]
    [InlineData(5, 5)]
    [InlineData(12, 30)]
    [InlineData(1, 7)]
    public void Sample_OfTheBidiagonalModel_HasTheLawOfGaussianMatrices(int m, int n)
    {
        double[] model = GaussianStableRankLaw.Of(m, n).Sample(3000, seed: 1);
        var ensemble = Ensemble.Gaussian(m, n);
        double[] matrices = [.. Enumerable.Range(0, 3000).Select(i =>
            Spectrum.Of(ensemble.Sample<double>(new RandomStream(2, replicate: (ulong)i))).StableRank)];

        Statistic.KolmogorovSmirnov(model, matrices).Should().BeLessThan(Statistic.Kolmogorov);
    }

    [Theory]
    [InlineData(400, 400)]
    [InlineData(400, 100)]
    public void Mean_OfALargeShape_ApproachesTheTypicalValueFromAbove(int m, int n)
    {
        var law = GaussianStableRankLaw.Of(m, n);
        double typical = GaussianStableRank.Typical(m, n);

        // the greatest eigenvalue lies below its edge by 1.2 Tracy-Widom widths, of relative size 2^(4/3)/4 k^(-2/3) for squares
        law.Mean.Should().BeInRange(typical, typical * (1 + (2 * Math.Pow(n, -2.0 / 3))));
        law.StandardDeviation.Should().BeInRange(0.1 * typical * Math.Pow(n, -2.0 / 3), 2 * typical * Math.Pow(n, -2.0 / 3));
        law.ZScore(law.Mean).Should().Be(0);
        law.MeanStandardError.Should().BeInRange(0, law.StandardDeviation / 15);
    }

    [Fact]
    public void Of_AShapeAndItsTranspose_IsOneLaw() =>
        GaussianStableRankLaw.Of(30, 20).Should().BeSameAs(GaussianStableRankLaw.Of(20, 30));

    [Theory]
    [InlineData(40, 40, 5.0, ConditionedPhase.Pulled)]
    [InlineData(40, 40, 20.0, ConditionedPhase.Squeezed)]
    [InlineData(40, 40, 35.0, ConditionedPhase.Gapped)]
    [InlineData(80, 40, 5.0, ConditionedPhase.Pulled)]
    [InlineData(80, 40, 30.0, ConditionedPhase.Gapped)]
    public void Phase_OfAStableRank_IsThatOfTheLimit(int m, int n, double stableRank, ConditionedPhase phase)
    {
        GaussianStableRankLaw.Of(m, n).Phase(stableRank).Should().Be(phase);
        new GaussianConditionedLimit(m, n, stableRank).Phase.Should().Be(phase);
    }

    [Theory]
    [InlineData(8, 8, 2.4)]
    [InlineData(8, 8, 2.9)]
    [InlineData(6, 9, 3.0)]
    public void LogDensitySlope_NearTheMean_IsThatOfTheHistogram(int m, int n, double stableRank)
    {
        const double Width = 0.1;
        var law = GaussianStableRankLaw.Of(m, n);
        double[] sample = law.Sample(400_000, seed: 4);
        double below = sample.Count(x => Math.Abs(x - (stableRank - Width)) < Width / 2);
        double above = sample.Count(x => Math.Abs(x - (stableRank + Width)) < Width / 2);
        double histogram = Math.Log(above / below) / (2 * Width);
        double histogramError = Math.Sqrt((1 / above) + (1 / below)) / (2 * Width);

        ChainDiagnostic slope = law.LogDensitySlope(stableRank, draws: 1000, seed: 5);

        // the difference quotient over 2 Width errs by Width^2/6 times the third derivative of the log density, some 10 here
        const double Curvature = 10 * Width * Width / 6;
        double error = double.Hypot(histogramError, slope.StandardError);
        Math.Abs(slope.Mean - histogram).Should().BeLessThan((Statistic.StandardErrors * error) + Curvature);
        Math.Abs(histogram).Should().BeGreaterThan(3 * error, "a slope of zero would be told apart");
    }

    [Theory]
    [InlineData(64, 64, 28)]        // squeezed
    [InlineData(64, 64, 56)]        // gapped
    [InlineData(128, 64, 40)]
    public void LogDensitySlope_FarAboveTheMean_IsThatOfTheLargeDeviationRate(int m, int n, double stableRank)
    {
        var law = GaussianStableRankLaw.Of(m, n);
        const double Step = 0.01;
        double rate = (law.LargeDeviationRate(stableRank + Step) - law.LargeDeviationRate(stableRank - Step)) / (2 * Step);

        ChainDiagnostic slope = law.LogDensitySlope(stableRank, draws: 200, seed: 6);

        // the next order in 1/k is as if the sum were known to one charge
        double oneCharge = Math.Abs(new GaussianConditionedLimit(m, n, stableRank + 1).Force
            - new GaussianConditionedLimit(m, n, stableRank).Force);
        Math.Abs(rate + slope.Mean).Should().BeLessThan(oneCharge + (Statistic.StandardErrors * slope.StandardError));
        oneCharge.Should().BeLessThan(0.25 * rate);
    }

    [Fact]
    public void LogDensitySlope_FarBelowTheMean_IsThatOfPullingOneValueOut()
    {
        const double Rank = 24;
        var law = GaussianStableRankLaw.Of(160, 160);
        const double Step = 0.01;
        double rate = (law.LargeDeviationRate(Rank + Step) - law.LargeDeviationRate(Rank - Step)) / (2 * Step);

        ChainDiagnostic slope = law.LogDensitySlope(Rank, draws: 100, seed: 7);

        // corrections are of relative order 1/r: r - 1 for r, and the bulk's trace, which gives way by (k/r)/k of itself
        (-slope.Mean / rate).Should().BeInRange(1 - (4 / Rank), 1 + (4 / Rank));
    }

    [Fact]
    public void LargeDeviationRate_OfANearlySquareRectangle_IsNearTheSquaresClosedForm()
    {
        // two derivations, one by the charges' equilibrium and one in closed form, of laws that differ by 1/k
        double rectangle = GaussianStableRankLaw.Of(200, 202).LargeDeviationRate(120);
        double square = GaussianStableRankLaw.Of(200, 200).LargeDeviationRate(120);

        rectangle.Should().BeApproximately(square, 0.1 * square);
    }

    [Fact]
    public void LargeDeviationRate_AtTheTypicalValue_IsZeroAndRisesBothWays()
    {
        var law = GaussianStableRankLaw.Of(100, 100);
        law.LargeDeviationRate(25).Should().BeApproximately(0, 1e-9);
        double[] up = [.. new[] { 26.0, 40, 60, 74.9, 75.1, 90, 99 }.Select(law.LargeDeviationRate)];
        double[] down = [.. new[] { 24.0, 15, 8, 3, 1.1 }.Select(law.LargeDeviationRate)];
        up.Should().BeInAscendingOrder().And.OnlyContain(x => x > 0);
        down.Should().BeInAscendingOrder().And.OnlyContain(x => x > 0);
    }

    private static double Count(double[] sample, double from, double to) => sample.Count(x => x >= from && x < to);
}
