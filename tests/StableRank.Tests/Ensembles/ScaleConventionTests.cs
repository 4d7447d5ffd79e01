using StableRank.Ensembles;
using StableRank.Spectra;

namespace StableRank.Tests.Ensembles;

public sealed class ScaleConventionTests
{
    private static readonly Spectrum Unit = Spectrum.FromSingularValues([1, 1, 0.5]);

    [Theory]
    [InlineData("relu")]
    [InlineData("linear")]
    [InlineData("spectral:0.1")]
    [InlineData("frobenius:12.5")]
    [InlineData("leaky-relu:0.01")]
    [InlineData("variance-preserving:3")]
    public void Parse_Name_GivesTheConventionOfThatName(string name) => ScaleConvention.Parse(name).Name.Should().Be(name);

    [Theory]
    [InlineData("he")]
    [InlineData("relu:2")]
    [InlineData("spectral")]
    [InlineData("spectral:one")]
    [InlineData("")]
    public void Parse_UnknownText_ListsWhatThereIs(string text)
    {
        Action parse = () => ScaleConvention.Parse(text);
        parse.Should().Throw<FormatException>().WithMessage($"*'{text}'*spectral:S, frobenius:F, relu, leaky-relu:A, linear*");
    }

    [Theory]
    [InlineData("spectral:0")]
    [InlineData("frobenius:-1")]
    [InlineData("spectral:NaN")]
    [InlineData("leaky-relu:Infinity")]
    [InlineData("variance-preserving:0")]
    public void Parse_NumberOutOfRange_IsRefused(string text)
    {
        Action parse = () => ScaleConvention.Parse(text);
        parse.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void SpectralNorm_EachConvention_IsThatOfTheory()
    {
        const double R = 2.25;
        ScaleConvention.Spectral(3).SpectralNorm(Unit, 4, 5).Should().Be(3);
        ScaleConvention.Frobenius(3).SpectralNorm(Unit, 4, 5).Should().BeApproximately(2, 1e-15);
        ScaleConvention.ReLU.SpectralNorm(Unit, 4, 5).Should().BeApproximately(Math.Sqrt(2 * 4 / R), 1e-15);
        ScaleConvention.Linear.SpectralNorm(Unit, 4, 5).Should().BeApproximately(Math.Sqrt(4 / R), 1e-15);
        ScaleConvention.LeakyReLU(0.5).SpectralNorm(Unit, 4, 5).Should().BeApproximately(Math.Sqrt(1.6 * 4 / R), 1e-15);
        ScaleConvention.LeakyReLU(0).SpectralNorm(Unit, 4, 5).Should().Be(ScaleConvention.ReLU.SpectralNorm(Unit, 4, 5));
    }
}
