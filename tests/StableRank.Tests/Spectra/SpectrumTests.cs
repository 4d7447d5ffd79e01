using MathNet.Numerics.LinearAlgebra.Double;
using StableRank.Spectra;

namespace StableRank.Tests.Spectra;

public sealed class SpectrumTests
{
    [Fact]
    public void FromSingularValues_AnyOrder_IsNonIncreasing()
    {
        Spectrum spectrum = Spectrum.FromSingularValues(1, 3, 0, 2);
        spectrum.Should().Equal(3, 2, 1, 0);
        spectrum.AsSpan().ToArray().Should().Equal(3, 2, 1, 0);
        (spectrum.Count, spectrum[1]).Should().Be((4, 2));
    }

    [Fact]
    public void FromSingularValues_ArrayChangedLater_IsNotChanged()
    {
        double[] values = [2, 1];
        Spectrum[] both = [Spectrum.FromSingularValues(values), Spectrum.FromSingularValues((IEnumerable<double>)values)];
        values[0] = 7;
        both.Should().OnlyContain(spectrum => spectrum[0] == 2);
    }

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    [InlineData(double.NegativeInfinity, "-Infinity")]
    [InlineData(-0.25, "-0.25")]
    public void FromSingularValues_NotASingularValue_ThrowsNamingIndexAndValue(double bad, string text) =>
        FluentActions.Invoking(() => Spectrum.FromSingularValues(3, 1, bad, 2)).Should().Throw<ArgumentException>()
            .WithMessage($"*index 2 is {text}*");

    [Fact]
    public void FromSingularValues_Nothing_Throws()
    {
        FluentActions.Invoking(() => Spectrum.FromSingularValues(Array.Empty<double>())).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Spectrum.FromSingularValues((IEnumerable<double>)null!)).Should().Throw<ArgumentNullException>();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void Indexer_Outside_Throws(int index) =>
        Spectrum.FromSingularValues(2, 1).Invoking(s => s[index]).Should().Throw<ArgumentOutOfRangeException>();

    [Fact]
    public void Of_Diagonal_IsItsAbsoluteValuesInOrder()
    {
        var matrix = new DenseMatrix(3, 2, [1, 0, 0, 0, -4, 0]);
        Spectrum spectrum = Spectrum.Of(matrix);
        spectrum.Count.Should().Be(2);
        spectrum[0].Should().BeApproximately(4, 1e-15);
        spectrum[1].Should().BeApproximately(1, 1e-15);
        matrix[1, 1].Should().Be(-4);
    }

    [Fact]
    public void Of_RankTwoOfKnownValues_HasItsRanks()
    {
        // [[3, 0], [4, 5]]: W^T W = [[25, 20], [20, 25]], squared singular values 45 and 5
        Spectrum spectrum = Spectrum.Of(new DenseMatrix(2, 2, [3, 4, 0, 5]));
        spectrum.StableRank.Should().BeApproximately(10.0 / 9, 1e-14);
        spectrum.FrobeniusNorm.Should().BeApproximately(Math.Sqrt(50), 1e-14);
    }

    [Theory]
    [InlineData(1e200)]
    [InlineData(1e-200)]
    public void Of_EntriesWhoseSquaresOverflowOrVanish_HasTheSameRanks(double scale)
    {
        Spectrum spectrum = Spectrum.Of(new DenseMatrix(2, 2, [3 * scale, 4 * scale, 0, 5 * scale]));
        spectrum.StableRank.Should().BeApproximately(10.0 / 9, 1e-14);
        (spectrum.FrobeniusNorm / scale).Should().BeApproximately(Math.Sqrt(50), 1e-14);
    }

    [Fact]
    public void Of_SinglePrecision_IsAccurateToIt() =>
        Spectrum.Of(new MathNet.Numerics.LinearAlgebra.Single.DenseMatrix(2, 2, [3, 4, 0, 5]))
            .StableRank.Should().BeApproximately(10.0 / 9, 10 * 1.2e-7);

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Of_NotFiniteEntry_ThrowsNamingIt(double bad) =>
        FluentActions.Invoking(() => Spectrum.Of(new DenseMatrix(2, 3, [1, 2, 3, 4, 5, bad]))).Should().Throw<ArgumentException>()
            .WithMessage($"*{bad.ToString(System.Globalization.CultureInfo.InvariantCulture)}*row 1, column 2*");

    [Fact]
    public void Of_ZeroMatrix_HasNormsButNoStableRank()
    {
        Spectrum zero = Spectrum.Of(new DenseMatrix(3, 4));
        (zero.SpectralNorm, zero.FrobeniusNorm, zero.NuclearNorm, zero.NumericalRank(3, 4)).Should().Be((0, 0, 0, 0));
        foreach (Func<object> rank in (Func<object>[])
            [
                () => zero.StableRank, () => zero.ParticipationRank, () => zero.EffectiveRank, () => zero.SchattenStableRank(3),
                () => zero.SchattenStableRank(2), () => zero.SumOfSquaredNormalisedSquares, () => zero.NormalisedSquares(),
                () => zero.WithSpectralNorm(1), () => zero.WithFrobeniusNorm(1),
            ])
        {
            rank.Should().Throw<InvalidOperationException>().WithMessage("*zero*");
        }
    }

    [Fact]
    public void Scaled_Factor_MultipliesEveryValue()
    {
        Spectrum spectrum = Spectrum.FromSingularValues(4, 2, 1);
        spectrum.Scaled(0.5).Should().Equal(2, 1, 0.5);
        spectrum.Scaled(0).Should().Equal(0, 0, 0);
        spectrum.WithSpectralNorm(8).Should().Equal(8, 4, 2);
        spectrum.WithFrobeniusNorm(3).FrobeniusNorm.Should().BeApproximately(3, 1e-15);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-1.0)]
    public void Scaled_BadFactor_Throws(double factor)
    {
        Spectrum spectrum = Spectrum.FromSingularValues(4, 2, 1);
        spectrum.Invoking(s => s.Scaled(factor)).Should().Throw<ArgumentOutOfRangeException>();
        spectrum.Invoking(s => s.WithSpectralNorm(factor)).Should().Throw<ArgumentOutOfRangeException>();
        spectrum.Invoking(s => s.WithFrobeniusNorm(factor)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Scaled_Overflow_Throws() =>
        Spectrum.FromSingularValues(1e200, 1).Invoking(s => s.Scaled(1e200)).Should().Throw<ArgumentException>().WithMessage("*index 0*");

    [Fact]
    public void Equals_SameValues_InAnyOrder_IsTrue()
    {
        Spectrum one = Spectrum.FromSingularValues(2, 1, 0.0);
        Spectrum same = Spectrum.FromSingularValues(-0.0, 1, 2);
        Spectrum other = Spectrum.FromSingularValues(2, 1, double.Epsilon);
        one.Equals(same).Should().BeTrue();
        one.GetHashCode().Should().Be(same.GetHashCode());
        (one == same, one != same, one == other, one.Equals((object?)null)).Should().Be((true, false, false, false));
        (null == one).Should().BeFalse();
    }

    [Fact]
    public void ToString_Spectrum_SaysCountRankAndValues()
    {
        Spectrum.FromSingularValues(2, 1).ToString().Should().Be("2 singular values, stable rank 1.25: 2, 1");
        Spectrum.FromSingularValues(0).ToString().Should().Be("1 singular value, all zero: 0");
        Spectrum.FromSingularValues(8, 7, 6, 5, 4, 3, 2).ToString().Should()
            .Be("7 singular values, stable rank 3.17188: 8, 7, 6, 5, ..., 2");
    }
}
