using System.Numerics;
using StableRank.Spectra;

namespace StableRank.Tests.Spectra;

/// <summary>The judge of the 4-ulp claim, judged: it finds planted errors of known size.</summary>
public sealed class ExactSquaresTests
{
    [Fact]
    public void Sum_KnownValues_IsExact() =>
        ExactSquares.Sum([3, 0.5, double.Epsilon]).Should().Be((new BigInteger(37) << 2146) + 1);

    [Theory]
    [InlineData(1.0)]
    [InlineData(2.0)]
    [InlineData(3.0)]
    public void UlpsAbove_ExactSpectrum_IsZero(double stableRank) =>
        ExactSquares.UlpsAbove(Spectrum.FromSingularValues([.. Enumerable.Repeat(7.0, (int)stableRank), 0]), stableRank).Should().Be(0);

    [Theory]
    [InlineData(-5)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(1000)]
    public void UlpsAbove_StableRankAskedForOffByUlps_CountsThem(int ulps)
    {
        // 1 + 2 = 3 with s_2, s_3 = 1; asking for 3 - u ulps finds u too many
        Spectrum spectrum = Spectrum.FromSingularValues(1, 1, 1);
        double asked = 3 - ulps * (Math.BitIncrement(3.0) - 3.0);
        ExactSquares.UlpsAbove(spectrum, asked).Should().Be(ulps);
    }

    [Fact]
    public void UlpsAbove_WrongSolution_IsFarBeyondTheClaim()
    {
        // a power law whose exponent is right to 1e-14 only, as from a root solve that stops early: 20 ulps, where 4 are allowed
        double[] right = [.. SpectralFamily.PowerLaw.Draw(1000, 1000, 30).AsSpan()];
        double[] wrong = Array.ConvertAll(right, value => Math.Pow(value, 1 + 1e-14));
        Math.Abs(ExactSquares.UlpsAbove(Spectrum.FromSingularValues(right), 30)).Should().BeLessThanOrEqualTo(4);
        Math.Abs(ExactSquares.UlpsAbove(Spectrum.FromSingularValues(wrong), 30)).Should().BeGreaterThan(4);
    }

    [Fact]
    public void UlpsAbove_OneValueOfManyMoved_IsFound()
    {
        // s_2 = 1 lowered by 5 ulps of 4096: s_2^2 = 1 - 5 2^-40
        double[] values = [.. Enumerable.Repeat(1.0, 4096)];
        values[17] = Math.Sqrt(1 - 5 * Math.ScaleB(1, -40));
        ExactSquares.UlpsAbove(Spectrum.FromSingularValues(values), 4096).Should().BeApproximately(-5, 0.01);
    }
}
