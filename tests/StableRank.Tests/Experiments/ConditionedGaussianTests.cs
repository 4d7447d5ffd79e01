using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Experiments.Studies;

namespace StableRank.Tests.Experiments;

public sealed class ConditionedGaussianTests
{
    private static readonly ConditionedGaussian.Scope Tiny = new(
        Sizes: [8, 24], Draws: 120, RejectionSize: 6, RejectionPool: 40_000, SlopeSize: 16, SlopeDraws: 30);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Run_AtATinySize_FindsTheLawInChainsMatricesAndLimit(ulong seed)
    {
        ExperimentResult result = new ConditionedGaussian(Tiny).Run(
            new ExperimentContext(seed, ExperimentSize.Quick, new Progress<double>(), CancellationToken.None));

        result.Figures.Select(figure => figure.Name).Should().Equal("phases", "rejection", "probability");
        result.Verdicts.Should().HaveCount(4);
        result.Verdicts[0].Outcome.Should().Be(VerdictOutcome.Holds, result.Verdicts[0].Evidence);
        result.Verdicts[2].Outcome.Should().Be(VerdictOutcome.Holds, result.Verdicts[2].Evidence);
    }

    [Fact]
    public void Run_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        FluentActions.Invoking(() => new ConditionedGaussian(Tiny).Run(
                new ExperimentContext(1, ExperimentSize.Quick, new Progress<double>(), source.Token)))
            .Should().Throw<OperationCanceledException>();
    }
}
