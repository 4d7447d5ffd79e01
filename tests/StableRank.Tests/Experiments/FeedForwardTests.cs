using StableRank.Experiments.Measuring;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Experiments.Studies;

namespace StableRank.Tests.Experiments;

public sealed class FeedForwardTests
{
    private static readonly FeedForward.Scope Tiny = new(
        Width: 64, Depth: 5, Networks: 100, FamilyDepth: 3, FamilyNetworks: 100, FamilyRanks: [8, 24], Batch: 16);

    private static readonly Lazy<(IReadOnlyList<FeedForward.Measurement> Measurements, ExperimentResult Result)> Once =
        new(() => Measured(1));

    [Fact]
    public void Run_Tiny_AllVerdictsHoldAndEveryFigureHasItsPoints()
    {
        var result = Once.Value.Result;

        result.Verdicts.Should().HaveCount(5).And.OnlyContain(verdict => verdict.Outcome == VerdictOutcome.Holds);
        result.Figures.Select(figure => figure.Name).Should().Equal("depth", "families", "spread", "typical");
        result.Tables.Should().HaveCount(2).And.OnlyContain(table => table.Rows.All(row => row.Count == table.Columns.Count));
        result.Tables[0].Rows.Should().HaveCount(7, "the stable ranks are 1, 2, 4, ..., 64");
        result.Notes.Should().ContainSingle().Which.Should().Contain("hollow");
    }

    [Fact]
    public void Run_SameSeed_SameNumbersWhateverTheThreads()
    {
        var again = Measured(1).Measurements.Select(measurement => measurement.Samples.Slope());

        again.Should().Equal(Once.Value.Measurements.Select(measurement => measurement.Samples.Slope()));
    }

    [Fact]
    public void Run_TwentySeeds_NoVerdictCriesWolf()
    {
        var scope = Tiny with { Depth = 3, FamilyRanks = [16] };
        foreach (var seed in Enumerable.Range(1, 20))
        {
            var verdicts = new FeedForward(scope).Run(Context((ulong)seed)).Verdicts;

            verdicts.Should().OnlyContain(verdict => verdict.Outcome == VerdictOutcome.Holds, $"that is so for seed {seed}");
        }
    }

    [Fact]
    public void Judge_WrongFactor_MeanSlopeAndFamiliesFail()
    {
        // as if theory had said r/n instead of r/2n
        var verdicts = Judged(measurement => measurement with
        {
            Exact = [.. measurement.Exact.Select(layer => layer with
            {
                LogSecondMoment = layer.LogSecondMoment + layer.Layer * Math.Log(2),
                LogFourthMoment = layer.LogFourthMoment + 2 * layer.Layer * Math.Log(2),
            })],
        });

        verdicts[0].Outcome.Should().Be(VerdictOutcome.Fails);
        verdicts[1].Outcome.Should().Be(VerdictOutcome.Fails);
        verdicts[2].Outcome.Should().Be(VerdictOutcome.Mixed, "families still agree with each other");
    }

    [Fact]
    public void Judge_WrongFourthMoment_SpreadIsNotHeld()
    {
        // as if the spread did not depend on p but on r: the fourth moment of another family
        var other = Once.Value.Measurements.First(measurement => measurement is { Ladder: false, Family: "spike" });
        var verdicts = Judged(measurement => measurement with
        {
            Exact = [.. measurement.Exact.Select((layer, l) => l < other.Exact.Count ? layer with
            {
                LogFourthMoment = other.Exact[l].LogFourthMoment - 2 * other.Exact[l].LogSecondMoment + 2 * layer.LogSecondMoment,
            } : layer)],
        });

        verdicts[3].Outcome.Should().NotBe(VerdictOutcome.Holds);
        verdicts[3].Evidence.Should().StartWith("✗");
    }

    [Fact]
    public void Judge_WrongDrift_TypicalIsNotHeld()
    {
        // as if typical networks were average ones
        var verdicts = Judged(measurement => measurement with
        {
            Exact = [.. measurement.Exact.Select(layer => layer with { ExpectedLog = layer.LogSecondMoment })],
        });

        verdicts[4].Outcome.Should().NotBe(VerdictOutcome.Holds);
        verdicts[4].Evidence.Should().StartWith("✗");
    }

    [Fact]
    public void Run_Cancelled_Throws()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        var run = () => new FeedForward(Tiny).Run(new ExperimentContext(1, ExperimentSize.Quick, new Progress<double>(), cancelled.Token));

        run.Should().Throw<OperationCanceledException>();
    }

    private static (IReadOnlyList<FeedForward.Measurement> Measurements, ExperimentResult Result) Measured(ulong seed)
    {
        var measurements = new FeedForward(Tiny).Measure(Context(seed));
        return (measurements, FeedForward.Judge(measurements));
    }

    private static IReadOnlyList<Verdict> Judged(Func<FeedForward.Measurement, FeedForward.Measurement> plant) =>
        FeedForward.Judge([.. Once.Value.Measurements.Select(plant)]).Verdicts;

    private static ExperimentContext Context(ulong seed) => new(seed, ExperimentSize.Quick, new Progress<double>(), CancellationToken.None);
}
