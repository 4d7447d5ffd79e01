using StableRank.Experiments.Learning;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Experiments.Studies;
using StableRank.Networks;
using StableRank.Spectra;

namespace StableRank.Tests.Experiments;

public sealed class RankDynamicsTests
{
    private static readonly RankDynamics.Scope Tiny = new(
        new Architecture(Activation.ReLU, 2, 16),
        [Initialisation.He, new Initialisation(SpectralFamily.Flat, 1 / 4.0, HeldScale.Variance)],
        Epochs: 3, BatchSize: 64, TrainingSamples: 256, TargetLoss: 2, Rate: 0.03, Interval: 3, Seeds: 2);

    private static readonly Lazy<IReadOnlyList<RankDynamics.Course>> Once = new(() => Measured(1));

    [Fact]
    public void Run_Tiny_HeldRanksStayAndFreeOnesMove()
    {
        var runs = Once.Value;
        var result = RankDynamics.Judge(runs);

        runs.Should().HaveCount(8);
        runs.Should().OnlyContain(run => run.Steps.SequenceEqual(new long[] { 0, 3, 6, 9, 12 }) && run.Ranks.Count == 5);
        runs.Where(run => !run.IsHeld).Should().OnlyContain(run => run.GreatestError > 1e-3);
        result.Verdicts.Should().HaveCount(4);
        result.Verdicts[1].Outcome.Should().Be(VerdictOutcome.Holds);
        result.Figures.Select(figure => figure.Name).Should().Equal("ranks", "layers");
    }

    [Fact]
    public void Run_SameSeed_SameNumbers() => Measured(1).Select(run => (run.Outcome, run.GreatestError))
        .Should().Equal(Once.Value.Select(run => (run.Outcome, run.GreatestError)));

    [Fact]
    public void Judge_HeldRunThatDrifts_ExactnessFails()
    {
        var runs = Once.Value.Select(run => run with
        {
            Ranks = [.. run.Ranks.Select((ranks, i) => ranks.Select(rank => rank * (1 + (1e-3 * i))).ToArray())],
        }).ToList();

        RankDynamics.Judge(runs).Verdicts[1].Outcome.Should().Be(VerdictOutcome.Fails);
    }

    private static IReadOnlyList<RankDynamics.Course> Measured(ulong seed) => RankDynamics.Measure(
        Tiny, new ExperimentContext(seed, ExperimentSize.Quick, new Progress<double>(), CancellationToken.None));
}
