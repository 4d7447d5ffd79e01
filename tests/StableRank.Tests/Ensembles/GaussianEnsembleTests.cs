using MathNet.Numerics.Distributions;
using StableRank.Ensembles;
using StableRank.Randomness;
using StableRank.Tests.Randomness;

namespace StableRank.Tests.Ensembles;

public sealed class GaussianEnsembleTests
{
    public static TheoryData<ulong> Twenty => Seeds.Twenty;

    [Theory]
    [MemberData(nameof(Twenty))]
    public void Sample_Entries_AreGaussianOfThatVariance(ulong seed)
    {
        double[] entries = Ensemble.Gaussian(120, 130, 0.3).Sample<double>(new RandomStream(seed)).ToColumnMajorArray();
        Statistic.KolmogorovSmirnov(entries, x => Normal.CDF(0, Math.Sqrt(0.3), x)).Should().BeLessThan(Statistic.Kolmogorov);
        Statistic.Deviation(entries, 0).Should().BeInRange(-Statistic.StandardErrors, Statistic.StandardErrors);
        Statistic.Deviation(entries.Select(x => x * x).ToArray(), 0.3)
            .Should().BeInRange(-Statistic.StandardErrors, Statistic.StandardErrors);
    }

    [Fact]
    public void Gaussian_Scale_GivesTheVarianceOfAnEntry()
    {
        Ensemble.Gaussian(8, 50, ScaleConvention.ReLU).Variance.Should().BeApproximately(2.0 / 50, 1e-16);
        Ensemble.Gaussian(8, 50, ScaleConvention.Frobenius(3)).Variance.Should().BeApproximately(9.0 / 400, 1e-16);
        Action spectral = () => Ensemble.Gaussian(8, 50, ScaleConvention.Spectral(1));
        spectral.Should().Throw<ArgumentException>().WithMessage("*'spectral:1' fixes the spectral norm*");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Gaussian_VarianceThatIsNone_IsRefused(double variance)
    {
        Action make = () => Ensemble.Gaussian(2, 2, variance);
        make.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*positive and finite*");
    }

    [Fact]
    public void Sample_ScaleBeyondThePrecision_IsRefused()
    {
        Action sample = () => Ensemble.Gaussian(2, 2, 1e100).Sample<float>(new RandomStream(1));
        sample.Should().Throw<OverflowException>().WithMessage("*System.Single*");
    }
}
