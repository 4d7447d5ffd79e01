using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Experiments.Studies;
using StableRank.Replication;

namespace StableRank.Tests.Experiments;

public sealed class GradientStableRankTests
{
    private static readonly GradientStableRank.Scope Tiny = new(
        Hidden: [14, 12, 15], Outputs: 16, Batch: 24, Networks: 250, Width: 12, StableRanks: [1.5, 3, 6], DirectionNetworks: 20);

    private static readonly Lazy<GradientStableRank.Findings> Once = new(() => new GradientStableRank(Tiny).Measure(Context(1)));

    [Fact]
    public void Judge_Tiny_AllVerdictsHoldAndEveryFigureHasItsPoints()
    {
        var result = GradientStableRank.Judge(Once.Value);

        result.Verdicts.Should().HaveCount(5);
        foreach (var verdict in result.Verdicts)
        {
            verdict.Outcome.Should().Be(VerdictOutcome.Holds, verdict.Evidence);
        }

        result.Figures.Select(figure => figure.Name).Should().Equal("factors", "ranks", "rectifiers", "directions");
        result.Tables.Should().OnlyContain(table => table.Rows.Count > 0 && table.Rows.All(row => row.Count == table.Columns.Count));
        Once.Value.Cells.Should().HaveCount((4 * 5) + (3 * 4 * 5));
        Once.Value.Directions.Should().HaveCount(9);
    }

    [Fact]
    public void Judge_PlantedFaults_AreDenied()
    {
        var found = Once.Value;
        VerdictOutcome[] OfCells(Func<GradientStableRank.Cell, GradientStableRank.Cell> change) =>
            Outcomes(found with { Cells = [.. found.Cells.Select(change)] });
        VerdictOutcome[] OfDirections(Func<GradientStableRank.Directions, GradientStableRank.Directions> change) =>
            Outcomes(found with { Directions = [.. found.Directions.Select(change)] });

        var larger = OfCells(cell => cell with { SquaredNorms = [.. cell.SquaredNorms.Select(Scaled)] });
        larger[0].Should().Be(VerdictOutcome.Mixed, "too large, and still proportional");
        larger[2].Should().NotBe(VerdictOutcome.Holds);
        OfCells(cell => cell with { LogRanks = [.. cell.LogRanks.Select(log => log with { Mean = log.Mean + 0.2 })] })[1]
            .Should().Be(VerdictOutcome.Fails);
        OfDirections(one => one with { GreatestRatio = 1.01 })[3].Should().Be(VerdictOutcome.Mixed);
        OfDirections(one => one with { GreatestRatio = 1.01, Counts = [99] })[3].Should().Be(VerdictOutcome.Fails);
        OfDirections(one => one with { OutsideMeans = [.. one.OutsideMeans.Select(share => share + 0.5)] })[4]
            .Should().Be(VerdictOutcome.Fails);

        static Estimate Scaled(Estimate norm) => norm with { Mean = norm.Mean * 1.2, StandardError = norm.StandardError * 1.2 };
        static VerdictOutcome[] Outcomes(GradientStableRank.Findings findings) =>
            [.. GradientStableRank.Judge(findings).Verdicts.Select(verdict => verdict.Outcome)];
    }

    [Fact]
    public void Measure_SameSeed_SameNumbers_OtherSeed_Others()
    {
        static double[] Numbers(ulong seed) =>
            [.. new GradientStableRank(Tiny with { Networks = 10 }).Measure(Context(seed)).Cells.Select(cell => cell.SquaredNorms[1].Mean)];
        var first = Numbers(1);
        Numbers(1).Should().Equal(first);
        Numbers(2).Should().NotEqual(first);
    }

    [Fact]
    public void Run_Cancelled_Throws()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        FluentActions.Invoking(() => new GradientStableRank(Tiny).Run(
                new ExperimentContext(1, ExperimentSize.Quick, new Progress<double>(), cancelled.Token)))
            .Should().Throw<OperationCanceledException>();
    }

    private static ExperimentContext Context(ulong seed) => new(seed, ExperimentSize.Quick, new Progress<double>(), CancellationToken.None);
}
