using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Tests.Spectra;

public sealed class SpectralFamilyTests
{
    private static readonly SpectralFamily[] s_whole =
    [
        SpectralFamily.Flat, SpectralFamily.Spike, SpectralFamily.PowerLaw, SpectralFamily.Exponential, SpectralFamily.Linear,
        SpectralFamily.MarchenkoPastur,
    ];

    [Theory]
    [InlineData(0.0)]
    [InlineData(-3.0)]
    [InlineData(0.9999999999999999)]
    [InlineData(5.000000000000001)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Draw_StableRankNotAdmitted_ThrowsNamingRangeAndValue(double r)
    {
        foreach (SpectralFamily family in s_whole)
        {
            string value = r.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
            family.Invoking(f => f.Draw(5, 7, r)).Should().Throw<ArgumentOutOfRangeException>()
                .Where(e => e.ParamName == "stableRank" && e.Message.Contains($"'{family.Name}'") && e.Message.Contains("[1, 5]")
                    && e.Message.Contains("5 x 7") && e.Message.Contains($"but {value} was"));
        }
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(3, 0)]
    [InlineData(-1, 3)]
    public void Draw_SizeBelowOne_Throws(int rows, int columns)
    {
        foreach (SpectralFamily family in s_whole)
        {
            family.Invoking(f => f.Draw(rows, columns, 1)).Should().Throw<ArgumentOutOfRangeException>();
            family.Invoking(f => f.AdmittedRange(rows, columns)).Should().Throw<ArgumentOutOfRangeException>();
        }
    }

    [Fact]
    public void AdmittedRange_FamiliesOfNoBase_IsOneToK()
    {
        foreach (SpectralFamily family in s_whole)
        {
            family.AdmittedRange(12, 5).Should().Be(new StableRankRange(1, 5));
            family.IsRandom.Should().BeFalse();
        }
    }

    [Fact]
    public void Draw_OneByN_IsOne()
    {
        foreach (SpectralFamily family in s_whole)
        {
            family.Draw(1, 9, 1).Should().Equal(1);
        }
    }

    [Fact]
    public void AdmittedRange_Tempered_IsFromTopMultiplicityToNonzeroCount()
    {
        SpectralFamily family = SpectralFamily.Tempered(Spectrum.FromSingularValues(3, 3, 2, 1, 0, 0));
        family.AdmittedRange(6, 9).Should().Be(new StableRankRange(2, 4));
        family.Draw(6, 6, 2).Should().Equal(1, 1, 0, 0, 0, 0);
        family.Draw(6, 6, 4).Should().Equal(1, 1, 1, 1, 0, 0);
        family.Invoking(f => f.Draw(6, 6, 1.5)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*[2, 4]*1.5*");
        family.Invoking(f => f.Draw(6, 6, 4.5)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*[2, 4]*4.5*");
    }

    [Fact]
    public void AdmittedRange_Given_IsItsStableRankAlone()
    {
        Spectrum values = Spectrum.FromSingularValues(2, 1, 1);
        SpectralFamily family = SpectralFamily.Given(values);
        family.AdmittedRange(3, 3).Should().Be(new StableRankRange(1.5, 1.5));
        family.Draw(3, 4, 1.5).Should().Equal(1, 0.5, 0.5);
        family.Draw(3, 4, Math.BitIncrement(1.5)).Should().Equal(1, 0.5, 0.5);
        family.Invoking(f => f.Draw(3, 4, 1.5000001)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*[1.5, 1.5]*1.5000001*");
        family.Invoking(f => f.Draw(3, 4, double.NaN)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*[1.5, 1.5]*NaN*");
    }

    [Fact]
    public void Draw_BaseOfAnotherCount_ThrowsNamingBothCounts()
    {
        Spectrum values = Spectrum.FromSingularValues(2, 1, 1);
        foreach (SpectralFamily family in (SpectralFamily[])[SpectralFamily.Given(values), SpectralFamily.Tempered(values)])
        {
            family.Invoking(f => f.Draw(4, 5, 1.5)).Should().Throw<ArgumentException>().WithMessage("*4 x 5*4 singular values*has 3*");
        }
    }

    [Fact]
    public void Tempered_ZeroOrNullBase_Throws()
    {
        Spectrum zero = Spectrum.FromSingularValues(0, 0);
        FluentActions.Invoking(() => SpectralFamily.Tempered(zero)).Should().Throw<ArgumentException>().WithMessage("*all 2 are zero*");
        FluentActions.Invoking(() => SpectralFamily.Given(zero)).Should().Throw<ArgumentException>().WithMessage("*all 2 are zero*");
        FluentActions.Invoking(() => SpectralFamily.Tempered(null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => SpectralFamily.Given(null!)).Should().Throw<ArgumentNullException>();
    }

    [Theory]
    [InlineData("flat", "flat")]
    [InlineData("Spike", "spike")]
    [InlineData("POWER-LAW", "power-law")]
    [InlineData("exponential", "exponential")]
    [InlineData("linear", "linear")]
    [InlineData("tempered", "tempered")]
    public void Parse_KnownName_IsThatFamily(string text, string name) => SpectralFamily.Parse(text).Name.Should().Be(name);

    [Fact]
    public void Parse_Tempered_IsOverMarchenkoPastur() =>
        SpectralFamily.Parse("tempered").Should().BeSameAs(SpectralFamily.MarchenkoPastur);

    [Theory]
    [InlineData("flatt")]
    [InlineData("")]
    [InlineData("given")]
    public void Parse_UnknownName_ThrowsListingTheKnown(string name) =>
        FluentActions.Invoking(() => SpectralFamily.Parse(name)).Should().Throw<ArgumentException>()
            .WithMessage($"*'{name}'*flat, spike, power-law, exponential, linear, tempered*");

    [Fact]
    public void Draw_RandomFamilyWithoutStream_ThrowsSayingSo()
    {
        var family = new RandomFamily();
        family.Invoking(f => f.Draw(3, 3, 2)).Should().Throw<ArgumentNullException>()
            .Where(e => e.ParamName == "stream").WithMessage("*'random'*random stream*");
        family.Draw(3, 3, 2, new RandomStream(1)).Count.Should().Be(3);
        family.Invoking(f => f.Draw(3, 3, 4, new RandomStream(1))).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*[1, 3]*");
    }

    [Theory]
    [InlineData(64, 64, 16)]
    [InlineData(100, 400, 400.0 / 9)]
    [InlineData(400, 100, 400.0 / 9)]
    [InlineData(1, 50, 1)]
    [InlineData(2, 2, 1)]
    public void Typical_Shape_IsTheLimit(int rows, int columns, double expected) =>
        GaussianStableRank.Typical(rows, columns).Should().BeApproximately(expected, 1e-14 * expected);

    [Fact]
    public void Typical_HugeShape_DoesNotOverflow() =>
        GaussianStableRank.Typical(int.MaxValue, int.MaxValue).Should().BeApproximately(int.MaxValue / 4.0, 1e-5);

    /// <summary>A family as a user may add one.</summary>
    private sealed class RandomFamily : SpectralFamily
    {
        public override string Name => "random";

        public override bool IsRandom => true;

        public override StableRankRange AdmittedRange(int rows, int columns) => new(1, Math.Min(rows, columns));

        protected override Spectrum DrawAdmitted(int rows, int columns, double stableRank, RandomStream? stream) =>
            Spectrum.FromSingularValues(1, Math.Sqrt(stream!.NextDouble()), 0);
    }
}
