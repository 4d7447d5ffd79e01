using StableRank.Tool.Output;

namespace StableRank.Tests.Tool;

public sealed class NumberFormatTests
{
    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(1.0, "1.0000")]
    [InlineData(12.3456789, "12.346")]
    [InlineData(-12.3456789, "-12.346")]
    [InlineData(9.99996, "10.000")]
    [InlineData(99999.6, "100000")]
    [InlineData(123456.7, "123457")]
    [InlineData(999999.9, "1.0000e+06")]
    [InlineData(0.00123456, "0.0012346")]
    [InlineData(0.000123456, "1.2346e-04")]
    [InlineData(1.5e-300, "1.5000e-300")]
    [InlineData(double.NaN, "-")]
    [InlineData(double.PositiveInfinity, "-")]
    [InlineData(null, "-")]
    public void Significant_FiveDigits_RoundsAndKeepsThem(double? value, string expected) =>
        NumberFormat.Significant(value).Should().Be(expected);

    [Theory]
    [InlineData(1.234, "+1.23")]
    [InlineData(-1.235, "-1.24")]
    [InlineData(0.0, "+0.00")]
    [InlineData(double.NegativeInfinity, "-")]
    [InlineData(null, "-")]
    public void Fixed_Signed_AlwaysHasItsSign(double? value, string expected) =>
        NumberFormat.Fixed(value, 2, signed: true).Should().Be(expected);
}
