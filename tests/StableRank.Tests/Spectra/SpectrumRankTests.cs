using StableRank.Spectra;

namespace StableRank.Tests.Spectra;

/// <summary>Every rank of theory (1.1) to (1.5) against closed forms and NumPy.</summary>
public sealed class SpectrumRankTests
{
    /// <summary>k terms, each of a few roundings, summed with compensation.</summary>
    private const double FewUlps = 8 * 2.3e-16;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Ranks_EqualValues_AreAllTheCount(int k)
    {
        Spectrum spectrum = Spectrum.FromSingularValues(Enumerable.Repeat(0.3, k));
        spectrum.StableRank.Should().Be(k);
        spectrum.ParticipationRank.Should().Be(k);
        spectrum.SumOfSquaredNormalisedSquares.Should().Be(k);
        spectrum.EffectiveRank.Should().BeApproximately(k, k * FewUlps);
        spectrum.NumericalRank(k, 2 * k).Should().Be(k);
        spectrum.SchattenStableRank(7).Should().Be(k);
    }

    [Fact]
    public void Ranks_OneNonzeroValue_AreOne()
    {
        Spectrum spectrum = Spectrum.FromSingularValues(0, 5, 0);
        double[] ranks = [spectrum.StableRank, spectrum.ParticipationRank, spectrum.EffectiveRank, spectrum.SchattenStableRank(1)];
        ranks.Should().Equal(1, 1, 1, 1);
        spectrum.NumericalRank(3, 3).Should().Be(1);
    }

    // /usr/bin/python3: s = numpy.array([3,2,1,.5,.25]); y = (s/s[0])**2; q = s/s.sum()
    //   y.sum(), y.sum()**2/(y**2).sum(), exp(-(q*log(q)).sum()), sqrt((s**2).sum()), s.sum(), (y**2).sum(),
    //   ((s/3)**3).sum(), ((s/3)**.5).sum()
    [Fact]
    public void Ranks_FiveValues_EqualNumPy()
    {
        Spectrum spectrum = Spectrum.FromSingularValues(3, 2, 1, 0.5, 0.25);
        Near(spectrum.StableRank, 1.5902777777777777);
        Near(spectrum.ParticipationRank, 2.088866759609639);
        Near(spectrum.EffectiveRank, 3.7381166138128723);
        Near(spectrum.FrobeniusNorm, 3.783186487605389);
        Near(spectrum.NuclearNorm, 6.75);
        Near(spectrum.SumOfSquaredNormalisedSquares, 1.2106963734567902);
        Near(spectrum.SchattenStableRank(3), 1.3385416666666665);
        Near(spectrum.SchattenStableRank(0.5), 3.0907702751760278);
        Near(spectrum.SchattenStableRank(1), 6.75 / 3);
        spectrum.SchattenStableRank(2).Should().Be(spectrum.StableRank);
        spectrum.NormalisedSquares().Should().HaveCount(5).And.StartWith(1);

        static void Near(double actual, double expected) => actual.Should().BeApproximately(expected, expected * FewUlps);
    }

    [Fact]
    public void EffectiveRank_TwoValues_IsTheBinaryEntropy()
    {
        // q = 3/4, 1/4: exp(H) = 4 / 3^(3/4)
        Spectrum.FromSingularValues(3, 1).EffectiveRank.Should().BeApproximately(4 / Math.Pow(3, 0.75), 1e-15);
    }

    [Theory]
    [InlineData(1e-200)]
    [InlineData(1e200)]
    [InlineData(1e-308)]
    [InlineData(4e307)]
    [InlineData(1.0)]
    [InlineData(0.1)]
    public void Ranks_AnyScale_AreTheSame(double scale)
    {
        Spectrum spectrum = Spectrum.FromSingularValues(4 * scale, 2 * scale, 1 * scale);
        spectrum.StableRank.Should().Be(1.3125);
        spectrum.ParticipationRank.Should().BeApproximately(1.3125 * 1.3125 / (1 + 1 / 16.0 + 1 / 256.0), FewUlps * 2);
        spectrum.EffectiveRank.Should().BeApproximately(7 * Math.Pow(4, -4 / 7.0) * Math.Pow(2, -2 / 7.0), 3 * FewUlps);
        spectrum.SchattenStableRank(3).Should().BeApproximately(1 + 1 / 8.0 + 1 / 64.0, FewUlps * 2);
        spectrum.NumericalRank(3, 3).Should().Be(3);
        spectrum.WithSpectralNorm(1).Should().Equal(1, 0.5, 0.25);
        spectrum.WithFrobeniusNorm(Math.Sqrt(21))[0].Should().BeApproximately(4, 4 * FewUlps);
        if (scale < 1e307)      // beyond, the norms themselves exceed the greatest double
        {
            (spectrum.FrobeniusNorm / scale).Should().BeApproximately(Math.Sqrt(21), Math.Sqrt(21) * FewUlps);
            (spectrum.NuclearNorm / scale).Should().BeApproximately(7, 7 * FewUlps);
        }
    }

    [Fact]
    public void StableRank_RandomValues_IsCorrectToAnUlp()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            var source = new Random(seed);
            double scale = Math.Pow(10, 400 * source.NextDouble() - 200);
            Spectrum spectrum = Spectrum.FromSingularValues(
                Enumerable.Range(0, 1 + source.Next(3000)).Select(_ => scale * Math.Exp(-20 * source.NextDouble())));
            Math.Abs(ExactSquares.UlpsAbove(spectrum, spectrum.StableRank)).Should().BeLessThanOrEqualTo(0.5 + 1e-5, $"seed {seed}");
        }
    }

    [Fact]
    public void StableRank_ManySmallValues_AreNotLost()
    {
        // 1 + 10^6 values whose squares are 2^-54, each below half an ulp of 1: naive summation from the front gives 1
        Spectrum spectrum = Spectrum.FromSingularValues([1, .. Enumerable.Repeat(Math.ScaleB(1, -27), 1 << 20)]);
        spectrum.StableRank.Should().Be(1 + Math.ScaleB(1, 20 - 54));
    }

    [Fact]
    public void NumericalRank_Rules_CountAboveTheirTolerances()
    {
        // max(m, n) eps s1 = 1000 2.22e-16 = 2.2e-13, eps s1 = 2.2e-16; single 1.19e-4 and 1.19e-7
        Spectrum spectrum = Spectrum.FromSingularValues(1, 1e-5, 1e-12, 1e-13, 1e-16);
        spectrum.NumericalRank(1000, 5).Should().Be(3);
        spectrum.NumericalRank(5, 1000, NumericalRankRule.MachineEpsilon).Should().Be(4);
        spectrum.NumericalRank(5, 1000, precision: FloatingPrecision.Single).Should().Be(1);
        spectrum.NumericalRank(5, 1000, NumericalRankRule.MachineEpsilon, FloatingPrecision.Single).Should().Be(2);
        spectrum.NumericalRank(1e-13).Should().Be(3);       // strictly above
        spectrum.NumericalRank(0).Should().Be(5);
        spectrum.NumericalRank(2).Should().Be(0);
    }

    [Fact]
    public void NumericalRank_BadArguments_Throw()
    {
        Spectrum spectrum = Spectrum.FromSingularValues(1, 1);
        spectrum.Invoking(s => s.NumericalRank(3, 4)).Should().Throw<ArgumentException>().WithMessage("*3 x 4*has 2*");
        spectrum.Invoking(s => s.NumericalRank(0, 2)).Should().Throw<ArgumentOutOfRangeException>();
        spectrum.Invoking(s => s.NumericalRank(2, 2, (NumericalRankRule)9)).Should().Throw<ArgumentOutOfRangeException>();
        spectrum.Invoking(s => s.NumericalRank(2, 2, precision: (FloatingPrecision)9)).Should().Throw<ArgumentOutOfRangeException>();
        spectrum.Invoking(s => s.NumericalRank(-1.0)).Should().Throw<ArgumentOutOfRangeException>();
        spectrum.Invoking(s => s.NumericalRank(double.NaN)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-2.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void SchattenStableRank_BadExponent_Throws(double p) =>
        Spectrum.FromSingularValues(1, 1).Invoking(s => s.SchattenStableRank(p)).Should().Throw<ArgumentOutOfRangeException>();

    [Fact]
    public void SchattenStableRank_HugeExponent_CountsTheNearTies()
    {
        // (1 - 2^-53)^(2^53) = 1/e to 2^-54, although the quotient's own rounding, raised to that power, would give anything
        Spectrum spectrum = Spectrum.FromSingularValues(3, Math.BitDecrement(3.0));
        double gap = Math.ScaleB(1, -51) / 3;
        spectrum.SchattenStableRank(1 / gap).Should().BeApproximately(1 + 1 / Math.E, 1e-14);
    }
}
