using StableRank.Benchmarks;

namespace StableRank.Tests.Benchmarks;

public sealed class BenchmarkTableTests
{
    private static readonly Comparison Task = Comparison.Of("a task", () => () => { }) with { PeerRow = "peer_row" };

    [Fact]
    public void Row_BothLibraries_HasMediansRatiosRunByRunAndFloor()
    {
        // run by run the ratios are 4, 3 and 6 on Debian's library; the ratio of the medians would be 3
        var measurement = Measure(Task, [0.001, 0.002, 0.003], ItsOwn(0.004, 0.006, 0.018), OurMkl(0.002, 0.004, 0.006));

        BenchmarkTable.Row(measurement, 0.0005).Should().Be(
            "| a task | 2.00 | peer_row | 6.00 | 4.00 (3.00 to 6.00) | 4.00 | 2.00 (2.00 to 2.00) | 0.500 | 4.00 | 12 | 34 | – | – | 3 |");
    }

    [Fact]
    public void Row_PeerThatFailed_SaysWhyAndHasNoRatio()
    {
        var failed = new Timing(PeerNames.ItsOwn, [], double.NaN, "", "ModuleNotFoundError: No module named 'torch'");
        var measurement = new Measurement(Task with { Target = 5 }, Ours(0.002), [failed], []);

        BenchmarkTable.Row(measurement, null).Should().Be(
            "| a task | 2.00 | peer_row | not run: ModuleNotFoundError: No module named 'torch' | – | – | – | – | – | 12 | – | ≥ 5 "
            + "| not measured | 1 |");
    }

    [Fact]
    public void Row_OursThatFailed_SaysWhy()
    {
        var ours = new Timing("ours", [], double.NaN, "", "Unhandled exception | of ours");
        var measurement = new Measurement(Task with { Target = 5, FloorTarget = 2 }, ours, [ItsOwn(0.01)], []);

        BenchmarkTable.Row(measurement, 0.001).Should().Be(
            "| a task | not run: Unhandled exception \\| of ours | peer_row | 10.0 | – | – | – | 1.00 | – | – | 34 | ≥ 5; ≤ 2 floors "
            + "| not measured; not measured | 0 |");
    }

    [Fact]
    public void Row_Any_HasAsManyCellsAsTheHeader()
    {
        var row = BenchmarkTable.Row(Measure(Task with { Target = 1.5, FloorTarget = 2 }, [0.1], ItsOwn(0.2)), 0.05);

        BenchmarkTable.Header.Append(row).Select(line => line.Count(c => c == '|')).Distinct().Should().ContainSingle();
    }

    [Theory]
    [InlineData(0.010, 0.020, "yes")]
    [InlineData(0.010, 0.0099, "on its own BLAS only")]
    [InlineData(0.0099, 0.010, "on our MKL only")]
    [InlineData(0.0099, 0.0099, "no")]
    public void Verdict_TargetOfFive_NeedsEveryLibrary(double own, double mkl, string expected)
    {
        BenchmarkTable.Verdict(Measure(Task with { Target = 5 }, [0.002], ItsOwn(own), OurMkl(mkl)), null).Should().Be(expected);
    }

    [Theory]
    [InlineData(0.001, "yes")]
    [InlineData(0.0009, "no")]
    public void Verdict_FloorTargetOfTwo_ComparesOurMedianWithTheFloor(double floor, string expected)
    {
        BenchmarkTable.Verdict(Measure(Task with { FloorTarget = 2 }, [0.001, 0.002, 0.009]), floor).Should().Be(expected);
    }

    [Fact]
    public void Verdict_NoTarget_IsEmpty() => BenchmarkTable.Verdict(Measure(Task, [0.001], ItsOwn(0.1)), 0.001).Should().Be("–");

    [Theory]
    [InlineData(12345.6, "12346")]
    [InlineData(12.345, "12.3")]
    [InlineData(1.2345, "1.23")]
    [InlineData(0.12345, "0.123")]
    [InlineData(0.0012345, "0.0012")]
    [InlineData(double.NaN, "–")]
    public void Number_AnySize_HasNoExponent(double value, string expected) => BenchmarkTable.Number(value).Should().Be(expected);

    [Theory]
    [InlineData(new double[0], double.NaN)]
    [InlineData(new[] { 3.0 }, 3.0)]
    [InlineData(new[] { 5.0, 1, 2 }, 2.0)]
    [InlineData(new[] { 5.0, 1, 2, 4 }, 3.0)]
    public void Median_Values_IsTheirMiddle(double[] values, double expected) => Statistics.Median(values).Should().Be(expected);

    [Fact]
    public void Floor_OperationsAndBytes_IsTheLargerOfTheirTimes()
    {
        var rates = new Rates(Double: 100, Single: 200, Bandwidth: 10);

        rates.Floor(Task).Should().BeNull();
        rates.Floor(Task with { Flops = () => 400 }).Should().Be(4);
        rates.Floor(Task with { Flops = () => 400, Single = true }).Should().Be(2);
        rates.Floor(Task with { Bytes = 30 }).Should().Be(3);
        rates.Floor(Task with { Flops = () => 400, Bytes = 30 }).Should().Be(4);
        rates.Floor(Task with { Flops = () => 400, Bytes = 50 }).Should().Be(5);
    }

    private static Measurement Measure(Comparison row, double[] ours, params Timing[] peers) => new(row, Ours(ours), peers, []);

    private static Timing Ours(params double[] seconds) => new("ours", seconds, 12, "StableRank");

    private static Timing ItsOwn(params double[] seconds) => new(PeerNames.ItsOwn, seconds, 34, "numpy");

    private static Timing OurMkl(params double[] seconds) => new(PeerNames.OurMkl, seconds, 56, "numpy");
}
