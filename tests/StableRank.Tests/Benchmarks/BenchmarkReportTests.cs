using StableRank.Benchmarks;
using StableRank.Tests.Support;

namespace StableRank.Tests.Benchmarks;

public sealed class BenchmarkReportTests
{
    private static readonly Rates Slow = new(50e9, 100e9, 10e9), Fast = new(60e9, 90e9, 20e9);

    private static readonly Measurement[] Measurements =
    [
        Measure("met", 0.010, "numpy 1"),
        Measure("missed", 0.002, "numpy 1"),
        Measure("missed too", 0.001, "torch 2") with { Notes = ["the answers differ"] },
    ];

    [Fact]
    public void Page_Measurements_NamesMachineVersionsDateRatesAndMissedTargets()
    {
        var date = new DateTimeOffset(2026, 1, 2, 3, 4, 0, TimeSpan.Zero);

        var page = BenchmarkReport.Page(Measurements, Slow, Fast, ["processor: of a test"], date);

        page.Should().StartWith("# Benchmarks\n")
            .And.Contain("- date: 2026-01-02 03:04 UTC\n- processor: of a test\n- peer: numpy 1\n- peer: torch 2\n")
            .And.Contain("50 and 60 GFLOP/s in double, 100 and 90 in single precision\n- bandwidth, before and after: 10 and 20 GB/s\n")
            .And.Contain("\n1 of 3 rows with targets meet them.\nNot met, or not measured:\n\n- missed: no\n- missed too: no\n")
            .And.EndWith("\nNotes:\n\n- the answers differ\n");
    }

    [Fact]
    public void Best_TwoRates_IsTheGreaterOfEach() => Slow.Best(Fast).Should().Be(new Rates(60e9, 100e9, 20e9));

    [Fact]
    public void Table_NoTargets_CountsNone()
    {
        var table = BenchmarkReport.Table([Measurements[0] with { Row = Comparison.Of("no target", () => () => { }) }], Slow);

        table.Should().Contain("| no target | 1.00 |").And.NotContain("targets meet");
    }

    [Fact]
    public void Write_OlderPage_TakesItsPlaceAndLeavesNothingElse()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "page.md");
        File.WriteAllText(path, "an older and longer page");

        BenchmarkReport.Write(path, "a page ≥\n");

        File.ReadAllText(path).Should().Be("a page ≥\n");
        Directory.GetFileSystemEntries(folder.Path).Should().Equal(path);
    }

    private static Measurement Measure(string name, double peer, string versions) => new(
        Comparison.Of(name, () => () => { }) with { PeerRow = "row", Target = 5 },
        new Timing("ours", [0.001], 1, "StableRank"),
        [new Timing(PeerNames.ItsOwn, [peer], 1, versions)],
        []);
}
