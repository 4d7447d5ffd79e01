using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using StableRank.Ensembles;
using StableRank.Randomness;
using StableRank.Spectra;
using StableRank.Tests.Randomness;

namespace StableRank.Tests.Ensembles;

/// <summary>Gaussian(m, n).ConditionedOnStableRank(r): the Gaussian law itself, seen through the condition.</summary>
public sealed class ConditionedGaussianTests
{
    [Fact]
    public void ConditionedOnStableRank_OfItsOwnRandomStableRank_IsTheGaussianLawAgain()
    {
        // drawing r from its law and then the matrix given r must give back independent Gaussian entries
        const int Draws = 4000;
        double[] entries = new double[Draws];
        double[] norms = new double[Draws];
        double[] ranks = GaussianStableRankLaw.Of(3, 4).Sample(Draws, seed: 9);
        for (int i = 0; i < Draws; i++)
        {
            var stream = new RandomStream(10, replicate: (ulong)i);
            var w = Ensemble.Gaussian(3, 4, variance: 2).ConditionedOnStableRank(ranks[i]).Sample<double>(stream);
            entries[i] = w[1, 2];
            norms[i] = w.FrobeniusNorm() * w.FrobeniusNorm() / 2;
        }

        Statistic.KolmogorovSmirnov(entries, x => Normal.CDF(0, Math.Sqrt(2), x)).Should().BeLessThan(Statistic.Kolmogorov);
        Statistic.KolmogorovSmirnov(norms, x => ChiSquared.CDF(12, x)).Should().BeLessThan(Statistic.Kolmogorov);
    }

    [Theory]
    [InlineData("uniform")]
    [InlineData("uniform-singular-values")]
    [InlineData("gaussian-conditioned")]
    public void Moments_OfARandomFamily_AgreeWithSampledMatrices(string family)
    {
        var ensemble = Ensemble.StableRank(9, 6, 3, SpectralFamily.Parse(family), ScaleConvention.GaussianNorm(0.5));
        const int Draws = 6000;
        double[] second = new double[Draws];
        double[] fourth = new double[Draws];
        double[] logs = new double[Draws];
        for (int i = 0; i < Draws; i++)
        {
            double square = ensemble.Sample<double>(new RandomStream(12, replicate: (ulong)i)).Column(0).Sum(x => x * x);
            (second[i], fourth[i], logs[i]) = (square, square * square, Math.Log(square));
        }

        EnsembleMoments moments = ensemble.Moments;
        moments.SpectrumDraws.Should().NotBeNull();
        Deviation(second, moments.SecondMoment, 0).Should().BeInRange(-Statistic.StandardErrors, Statistic.StandardErrors);
        Deviation(fourth, moments.FourthMoment, moments.FourthMomentStandardError!.Value)
            .Should().BeInRange(-Statistic.StandardErrors, Statistic.StandardErrors);
        Deviation(logs, moments.LogMoment, moments.LogMomentStandardError!.Value)
            .Should().BeInRange(-Statistic.StandardErrors, Statistic.StandardErrors);
    }

    [Fact]
    public void Moments_OfAGaussianNorm_AreThoseOfTheFixedSpectrumWithTheScalesOwn()
    {
        // E f^4 = 1 + 2/(mn) and E log f^2 = psi(mn/2) - log(mn/2)
        var fixedScale = Ensemble.StableRank(4, 5, 2, SpectralFamily.Flat, ScaleConvention.Frobenius(Math.Sqrt(20))).Moments;
        var random = Ensemble.StableRank(4, 5, 2, SpectralFamily.Flat, ScaleConvention.GaussianNorm(1)).Moments;

        random.SecondMoment.Should().BeApproximately(fixedScale.SecondMoment, 1e-14);
        random.FourthMoment.Should().BeApproximately(fixedScale.FourthMoment * 1.1, 1e-13);
        (random.LogMoment - fixedScale.LogMoment).Should().BeApproximately(SpecialFunctions.DiGamma(10) - Math.Log(10), 1e-13);
    }

    private static double Deviation(double[] sample, double expected, double expectedError)
    {
        (double mean, double variance) = Statistic.MeanAndVariance(sample);
        return (mean - expected) / Math.Sqrt((variance / sample.Length) + (expectedError * expectedError));
    }
}
