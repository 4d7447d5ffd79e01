using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Experiments.Studies;

namespace StableRank.Tests.Experiments;

public sealed class JacobianLawTests
{
    private static readonly JacobianLaw.Scope Tiny = new(
        Widths: [8, 24], Shares: [0.25, 0.5], Networks: 10, RandomSpectra: 4, Points: 30);

    private static readonly Lazy<IReadOnlyList<JacobianLaw.Cell>> Once = new(() => JacobianLaw.Measure(Tiny, Context(1)));

    [Fact]
    public void Run_Tiny_ExactVerdictsHoldAndEveryFigureHasItsPanels()
    {
        var result = JacobianLaw.Judge(Once.Value, Tiny);

        result.Figures.Select(figure => figure.Name).Should().Equal("densities", "distance", "ranks");
        result.Figures.Select(figure => figure.Panels.Count).Should().Equal(8, 3, 2);
        result.Verdicts.Should().HaveCount(5);
        result.Verdicts[2].Outcome.Should().Be(VerdictOutcome.Holds, result.Verdicts[2].Evidence);
        result.Verdicts[3].Outcome.Should().Be(VerdictOutcome.Holds, result.Verdicts[3].Evidence);
        result.Tables.Should().ContainSingle().Which.Rows.Should().HaveCount(2 * 4 * 3);
    }

    [Fact]
    public void Judge_OfDistancesThatStay_AndOfAnotherLaw_Fails()
    {
        var planted = Once.Value.Select(cell => cell with { Distance = new(0.1, 0.001, 10), DistanceAbove = new(1, 0, 10) }).ToList();
        var verdicts = JacobianLaw.Judge(planted, Tiny).Verdicts;
        verdicts[0].Outcome.Should().Be(VerdictOutcome.Fails);
        verdicts[1].Outcome.Should().Be(VerdictOutcome.Fails);
    }

    [Theory]
    [InlineData(0.01, true)]
    [InlineData(0.1, false)]
    public void Judge_OfAFall_HoldsWhereItIsManyStandardErrors(double error, bool holds)
    {
        var planted = Once.Value.Select(cell => cell with { Distance = new(cell.Width == 8 ? 0.4 : 0.2, error, 10) }).ToList();
        JacobianLaw.Judge(planted, Tiny).Verdicts[0].Outcome
            .Should().Be(holds ? VerdictOutcome.Holds : VerdictOutcome.Fails);
    }

    [Fact]
    public void Run_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        FluentActions.Invoking(() => JacobianLaw.Measure(Tiny, Context(1) with { Cancellation = source.Token }))
            .Should().Throw<OperationCanceledException>();
    }

    private static ExperimentContext Context(ulong seed) => new(seed, ExperimentSize.Quick, new Progress<double>(), CancellationToken.None);
}
