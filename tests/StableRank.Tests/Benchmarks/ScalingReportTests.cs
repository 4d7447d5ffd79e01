using StableRank.Benchmarks;
using StableRank.LinearAlgebra;

namespace StableRank.Tests.Benchmarks;

public sealed class ScalingReportTests
{
    private static readonly int[] Sizes = [64, 128, 256, 512];

    [Fact]
    public void Slope_APowerLaw_IsItsExponentWhateverTheSmallSizesDo()
    {
        var measurement = Of("width", size => Math.Pow(size, 2), size => size < 128 ? 1 : 3e-9 * Math.Pow(size, 2.5), size => 1e-9 * size);

        measurement.ExponentOfOne.Should().BeApproximately(2.5, 1e-12);
        measurement.ExponentOfAll.Should().BeApproximately(1, 1e-12);
        measurement.Predicted.Should().BeApproximately(2, 1e-12);
        measurement.SpeedUp(3).Should().BeApproximately(3 * Math.Pow(512, 1.5), 1e-9);
        measurement.Rate(1).Should().BeApproximately(128 * 1e9, 1);
    }

    [Fact]
    public void Slope_OfFourTimesAsMuchEachDoubling_IsTwo() =>
        Of("width", _ => 1, _ => 1, _ => 1).Slope([7, 1, 4, 16]).Should().BeApproximately(2, 1e-12);

    [Fact]
    public void Slope_ATimeThatIsMissing_IsNotANumber() =>
        Of("width", _ => 1, _ => double.NaN, _ => 1).ExponentOfOne.Should().Be(double.NaN);

    [Fact]
    public void Remarks_AsPredicted_NameTheSpeedUpsOnly()
    {
        var remarks = ScalingReport.Remarks([Of("width", size => size, size => 2e-3 * size, size => 1e-3 * size)]).ToList();

        remarks.Should().HaveCount(Backend.Threads > 1 ? 1 : 0);
        remarks.Should().OnlyContain(remark => remark.Contains("2.00 times (task)"));
    }

    [Fact]
    public void Remarks_AnotherExponent_IsNamedWithBoth()
    {
        var remarks = ScalingReport.Remarks([Of("width", size => size * size, size => 1e-3 * Math.Pow(size, 2.5), size => 1e-3 * size)]);

        remarks.First().Should().Be(
            "task: on 1 thread the time grows with width to the 2.50, faster than the operations do (2.00).");
    }

    [Fact]
    public void Remarks_Replicates_SayWhatMemoryDoes()
    {
        var remarks = ScalingReport.Remarks([Of("replicates", size => size, size => size, size => size, size => size / 64.0)]);

        remarks.First().Should().StartWith(
            "task: from 64 to 512 replicates the peak memory, with what is not yet collected, changes by +7.0 MiB on one thread, ");
    }

    [Fact]
    public void Remarks_ARowThatFailed_IsNamedAndGivesNoOther()
    {
        var failed = new Timing("ours", [], double.NaN, "", "out of memory");
        var measurement = Of("replicates", size => size, size => size, size => size);

        ScalingReport.Remarks([measurement with { All = [.. measurement.All.SkipLast(1), failed] }])
            .Should().Equal("task: not all sizes run: out of memory.");
    }

    [Fact]
    public void Section_OfAll_HoldsExponentsSizesRemarksAndStartUp()
    {
        var section = ScalingReport.Section(
            [Of("width", size => size, size => 1e-3 * size, size => 1e-3 * size)],
            [new StartUp("tool --help", new Timing("ours", [0.1, 0.2, 0.14], double.NaN, ""), 0.15), new StartUp(
                "tool measure", new Timing("ours", [0.4], double.NaN, ""), 0.3)]);

        section.Should().StartWith("## Scaling\n")
            .And.Contain("| task | width | 128 to 512 | 1.00 | 1.00 | 1.00 | 1.00 |\n")
            .And.Contain("| task | width 512 | 512 | 512 | 1.00 | 0.0000 | 1.00 | 1.00 | 1 |\n")
            .And.Contain("| tool --help | 140 | 100 to 200 | 150 | yes | 3 |\n")
            .And.EndWith("| tool measure | 400 | 400 to 400 | 300 | no | 1 |\n");
    }

    [Fact]
    public void All_Rows_HaveNamesOfTheirOwnAndCountTheirOperations()
    {
        var rows = ScalingRows.All().SelectMany(series => series.Rows).ToList();

        rows.Select(row => row.Name).Should().OnlyHaveUniqueItems().And.OnlyContain(name => name.StartsWith("scaling: "));
        foreach (var series in ScalingRows.All())
        {
            series.Sizes.Should().HaveCountGreaterThanOrEqualTo(ScalingMeasurement.Fitted);
            series.Rows.Should().OnlyContain(row => row.Flops != null && row.PeerRow == null && row.Target == null);
        }
    }

    private static ScalingMeasurement Of(
        string variable, Func<int, double> flops, Func<int, double> one, Func<int, double> all, Func<int, double>? memory = null)
    {
        var series = new ScalingSeries(
            "task", variable, Sizes, size => Comparison.Of("", () => () => { }) with { Flops = () => flops(size) });
        Timing[] Timings(Func<int, double> time) =>
            [.. Sizes.Select(size => new Timing("ours", [time(size)], memory?.Invoke(size) ?? 1, ""))];
        return new ScalingMeasurement(series, Timings(one), Timings(all));
    }
}
