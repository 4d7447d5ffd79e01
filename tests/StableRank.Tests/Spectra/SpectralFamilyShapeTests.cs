using StableRank.Spectra;

namespace StableRank.Tests.Spectra;

/// <summary>That each family has the shape its name says, beyond the sum.</summary>
public sealed class SpectralFamilyShapeTests
{
    /// <summary>The correction of the residual moves a value by a few ulps; the exponent's own rounding adds log(s) of them.</summary>
    private const double Rounding = 1e-13;

    [Fact]
    public void Draw_Flat_IsOnesFractionZeros() =>
        SpectralFamily.Flat.Draw(5, 9, 3.25).Should().Equal(1, 1, 1, 0.5, 0);

    [Fact]
    public void Draw_FlatAtIntegers_IsOnesAndZeros() =>
        SpectralFamily.Flat.Draw(9, 4, 3).Should().Equal(1, 1, 1, 0);

    [Fact]
    public void Draw_Spike_IsOneValueAndEqualOthers()
    {
        Spectrum spectrum = SpectralFamily.Spike.Draw(100, 300, 17.3);
        spectrum.Skip(1).Distinct().Should().ContainSingle().Which.Should().BeApproximately(Math.Sqrt(16.3 / 99), 1e-15);
    }

    [Theory]
    [InlineData(1.0001)]
    [InlineData(1.6)]
    [InlineData(30)]
    [InlineData(199.9)]
    public void Draw_PowerLaw_IsStraightInLogLog(double r)
    {
        Spectrum spectrum = SpectralFamily.PowerLaw.Draw(200, 200, r);
        double exponent = -Math.Log(spectrum[1]) / Math.Log(2);
        for (int i = 1; i < 200; i++)
        {
            // an ulp of s_2 in its logarithm, carried to s_i by the factor log(i)/log(2) < 8
            double expected = -exponent * Math.Log(i + 1);
            Math.Log(spectrum[i]).Should().BeApproximately(expected, Rounding * (1 + Math.Abs(expected)));
        }
    }

    [Fact]
    public void Draw_PowerLawOfKnownExponent_IsFound()
    {
        // r = sum i^-2a at a = 1/2 is a harmonic number: H_10 = 7381/2520
        Spectrum spectrum = SpectralFamily.PowerLaw.Draw(10, 10, 7381.0 / 2520);
        for (int i = 0; i < 10; i++)
        {
            spectrum[i].Should().BeApproximately(1 / Math.Sqrt(i + 1), 1e-15);
        }
    }

    [Fact]
    public void Draw_ExponentialOfKnownRatio_IsFound()
    {
        // r = (1 - q^2k)/(1 - q^2) at q = 1/2, k = 6
        Spectrum spectrum = SpectralFamily.Exponential.Draw(6, 7, 1365.0 / 1024);
        for (int i = 0; i < 6; i++)
        {
            spectrum[i].Should().BeApproximately(Math.Pow(0.5, i), 1e-15);
        }
    }

    [Theory]
    [InlineData(1.3)]
    [InlineData(20)]
    [InlineData(33.5)]
    [InlineData(34)]
    [InlineData(80)]
    [InlineData(99.999)]
    public void Draw_Linear_IsStraightDownToZero(double r)
    {
        Spectrum spectrum = SpectralFamily.Linear.Draw(100, 100, r);
        double slope = 1 - spectrum[1];
        for (int i = 0; i < 100; i++)
        {
            spectrum[i].Should().BeApproximately(Math.Max(0, 1 - slope * i), 100 * 1e-15);
        }
    }

    [Fact]
    public void Draw_LinearOfKnownSlope_IsFound() =>
        SpectralFamily.Linear.Draw(6, 6, 1 + (9 + 4 + 1) / 16.0).Should().Equal(1, 0.75, 0.5, 0.25, 0, 0);

    [Fact]
    public void Draw_TemperedAtTheBaseOwnStableRank_IsTheBase()
    {
        Spectrum own = Spectrum.FromSingularValues(1, 0.9, 0.5, 0.25, 0.01);
        Spectrum drawn = SpectralFamily.Tempered(own).Draw(5, 8, own.StableRank);
        for (int i = 0; i < 5; i++)
        {
            drawn[i].Should().BeApproximately(own[i], 1e-14 * own[i]);
        }
    }

    [Theory]
    [InlineData(1.01)]
    [InlineData(2.5)]
    [InlineData(3.999)]
    public void Draw_Tempered_HasLogarithmsInProportion(double r)
    {
        double[] values = [5, 4, 2, 0.125];
        Spectrum drawn = SpectralFamily.Tempered(Spectrum.FromSingularValues(values)).Draw(4, 4, r);
        double t = Math.Log(drawn[3]) / Math.Log(0.125 / 5);
        for (int i = 1; i < 4; i++)
        {
            Math.Log(drawn[i]).Should().BeApproximately(t * Math.Log(values[i] / 5), Rounding * (1 + Math.Abs(Math.Log(drawn[i]))));
        }
    }

    [Fact]
    public void Draw_MarchenkoPasturAtItsBase_IsItsBase()
    {
        Spectrum own = MarchenkoPasturFamily.Base(40, 60).WithSpectralNorm(1);
        Spectrum drawn = SpectralFamily.MarchenkoPastur.Draw(40, 60, own.StableRank);
        for (int i = 0; i < 40; i++)
        {
            drawn[i].Should().BeApproximately(own[i], 1e-14);
        }
    }

    [Fact]
    public void Draw_GivenWithGreatestOne_ReturnsTheVeryValues()
    {
        Spectrum values = Spectrum.FromSingularValues(1, 0.3, 0.7, 0.1, 0.7);
        SpectralFamily.Given(values).Draw(5, 5, values.StableRank).Should().Equal(1, 0.7, 0.7, 0.3, 0.1);
    }

    [Theory]
    [InlineData(8, 1.2)]
    [InlineData(8, 5.5)]
    [InlineData(64, 3)]
    [InlineData(64, 16)]
    [InlineData(64, 50.5)]
    public void Draw_AtOneStableRank_SpikeHasTheGreatestEntropyAndFlatTheFewestValues(int k, double r)
    {
        var drawn = new[] { "flat", "spike", "power-law", "exponential", "linear", "tempered" }
            .ToDictionary(name => name, name => SpectralFamily.Parse(name).Draw(k, k, r));
        foreach ((string name, Spectrum spectrum) in drawn.Where(pair => pair.Key != "spike"))
        {
            Entropy(spectrum).Should().BeLessThan(Entropy(drawn["spike"]), name);
            spectrum.ParticipationRank.Should().BeLessThan(drawn["spike"].ParticipationRank, name);
        }

        drawn["flat"].NumericalRank(0).Should().Be((int)Math.Ceiling(r));
        foreach ((string name, Spectrum spectrum) in drawn)
        {
            spectrum.NumericalRank(0).Should().BeGreaterThanOrEqualTo(drawn["flat"].NumericalRank(0), name);
        }

        static double Entropy(Spectrum spectrum)
        {
            double[] squares = spectrum.NormalisedSquares();
            double sum = squares.Sum();
            return -squares.Where(y => y > 0).Sum(y => y / sum * Math.Log(y / sum));
        }
    }
}
