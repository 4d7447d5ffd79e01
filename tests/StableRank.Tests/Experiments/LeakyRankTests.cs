using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Experiments.Studies;

namespace StableRank.Tests.Experiments;

public sealed class LeakyRankTests
{
    private static readonly LeakyRank.Scope Tiny = new(Size: 24, Ranks: [2, 8], Draws: 3, Steps: 5);

    private static readonly Lazy<LeakyRank.Findings> Once = new(() => new LeakyRank(Tiny).Measure(Context(1)));

    [Fact]
    public void Judge_Tiny_AllVerdictsHoldAndEveryFigureHasItsPoints()
    {
        var result = LeakyRank.Judge(Once.Value);

        result.Verdicts.Should().HaveCount(4);
        foreach (var verdict in result.Verdicts)
        {
            verdict.Outcome.Should().Be(VerdictOutcome.Holds, verdict.Evidence);
        }

        result.Figures.Select(figure => figure.Name).Should().Equal("slopes", "gap");
        result.Tables.Should().OnlyContain(table => table.Rows.Count > 0 && table.Rows.All(row => row.Count == table.Columns.Count));

        // of the 34 slopes next to 1 the last two are 1 in double precision, which the equal steps have
        (Once.Value.Cases.Count == 2 * 2 * 3 * (6 + 32)).Should().BeTrue();
    }

    [Fact]
    public void Judge_PlantedFaults_AreDenied()
    {
        var found = Once.Value;
        VerdictOutcome[] Outcomes(Func<LeakyRank.Case, LeakyRank.Case> change) =>
            [.. LeakyRank.Judge(found with { Cases = [.. found.Cases.Select(change)] }).Verdicts.Select(verdict => verdict.Outcome)];

        Outcomes(one => one with { ZhanHolds = one.Rank != 8 })[0].Should().Be(VerdictOutcome.Fails);
        Outcomes(one => one with { Lower = one.Numerical })[1].Should().Be(VerdictOutcome.Mixed, "never fewer");
        Outcomes(one => one with { Lower = one.Numerical + 1 })[1].Should().Be(VerdictOutcome.Fails);
        Outcomes(one => one with { Upper = one.Wide - 1 })[2].Should().Be(VerdictOutcome.Fails);
        Outcomes(one => one with { Upper = one.Wide + 1, Weyl = 99 })[2].Should().Be(VerdictOutcome.Mixed, "sound and not tight");
        Outcomes(one => one with { Numerical = one.Rank })[3].Should().Be(VerdictOutcome.Mixed);
        Outcomes(one => one with { Numerical = one.Rank, Wide = one.Rank })[3].Should().Be(VerdictOutcome.Fails);
    }

    [Fact]
    public void Measure_SameSeed_SameNumbers_OtherSeed_Others()
    {
        // the last bits of singular values depend on where in memory a matrix lies, and with them what is counted among rounding errors
        Once.Value.Cases.Zip(new LeakyRank(Tiny).Measure(Context(1)).Cases).Should().OnlyContain(pair =>
            Math.Abs(pair.First.ZhanRatio - pair.Second.ZhanRatio) < 1e-6 && pair.First.Wide == pair.Second.Wide
            && pair.First.Upper == pair.Second.Upper);
        new LeakyRank(Tiny).Measure(Context(2)).Cases[0].ZhanRatio.Should().NotBeApproximately(Once.Value.Cases[0].ZhanRatio, 1e-6);
    }

    [Fact]
    public void Run_Cancelled_Throws()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        FluentActions.Invoking(() => new LeakyRank(Tiny).Run(
                new ExperimentContext(1, ExperimentSize.Quick, new Progress<double>(), cancelled.Token)))
            .Should().Throw<OperationCanceledException>();
    }

    private static ExperimentContext Context(ulong seed) => new(seed, ExperimentSize.Quick, new Progress<double>(), CancellationToken.None);
}
