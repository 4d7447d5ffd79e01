using StableRank.Data;

namespace StableRank.Tests.Data;

public sealed class DigitsTests
{
    /// <summary>
    /// /usr/bin/python3 -c "import gzip, numpy as np; a = np.loadtxt(gzip.open('src/StableRank/Data/Resources/digits.csv.gz'),
    /// delimiter=','); print(a.shape, a[:, :64].sum(), (a[:, :64]**2).sum(), np.bincount(a[:, 64].astype(int)))"
    /// </summary>
    [Fact]
    public void Load_OfTheData_HasTheSumsThatNumPyFinds()
    {
        var digits = Digits.Load();

        (digits.Features.RowCount, digits.Features.ColumnCount, digits.Count).Should().Be((64, 1797, 1797));
        var pixels = digits.Features.AsColumnMajorArray();
        pixels.Sum().Should().Be(561718);
        pixels.Sum(pixel => pixel * pixel).Should().Be(6907012);
        Enumerable.Range(0, 10).Select(label => digits.Labels.Count(other => other == label))
            .Should().Equal(178, 182, 177, 183, 181, 182, 181, 179, 174, 180);
    }

    [Fact]
    public void Load_OfTheData_HasOneSampleAColumn()
    {
        var digits = Digits.Load();

        // The first line of the file.
        digits.Features.Column(0).Take(16).Should().Equal(0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0);
        digits.Labels.Take(3).Should().Equal(0, 1, 2);
        digits.Attribution.Should().Contain("Alpaydin").And.Contain("CC BY 4.0");
    }

    [Fact]
    public void Load_Twice_GivesEachCallerItsOwn()
    {
        var first = Digits.Load();
        first.Features.Clear();
        first.Labels.AsSpan().Clear();

        Digits.Load().Features.AsColumnMajorArray().Sum().Should().Be(561718);
        Digits.Load().Labels.Sum().Should().BePositive();
    }

    [Theory]
    [InlineData("0,1", "2 fields")]
    [InlineData("17", "'17'")]
    [InlineData("-1", "'-1'")]
    [InlineData("1.5", "'1.5'")]
    [InlineData("", "''")]
    public void Parse_OfDamagedLine_SaysWhichLine(string field, string problem)
    {
        var line = field.Contains(',') ? field : string.Join(',', Enumerable.Repeat("0", 63).Prepend(field).Append("9"));

        FluentActions.Invoking(() => Digits.Parse(new StringReader(line), "given"))
            .Should().Throw<DataFormatException>().WithMessage($"*line 1*{problem}*");
    }

    [Fact]
    public void LabelledData_WithTooFewLabels_IsRefused() =>
        FluentActions.Invoking(() => new LabelledData(SampleArrays.Matrix<double>(2, 3), [1, 2], "name", "source"))
            .Should().Throw<ArgumentException>().WithMessage("2 labels for 3 samples*");
}
