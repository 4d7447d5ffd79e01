using StableRank.Experiments.Learning;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Experiments.Studies;
using StableRank.Networks;
using StableRank.Spectra;

namespace StableRank.Tests.Experiments;

public sealed class ConvergenceTests
{
    private static readonly Convergence.Study Small = new(
        new Architecture(Activation.ReLU, 2, 16), [SpectralFamily.Flat, SpectralFamily.Spike], [SpectralFamily.Flat],
        [1 / 16.0, 1 / 2.0, 1]);

    private static readonly Convergence.Scope Tiny = new(
        [Small], Epochs: 2, BatchSize: 64, TrainingSamples: 256, TargetLoss: 2, Rates: [0.01, 0.1], CommonRate: 0.01, TuningSeeds: 1,
        Seeds: 2);

    private static readonly Lazy<IReadOnlyList<Convergence.Cell>> Once = new(() => Measured(1));

    [Fact]
    public void Run_Tiny_EveryInitialisationHasItsRunsAndEveryFigureItsPanels()
    {
        var cells = Once.Value;
        var result = Convergence.Judge(cells, Tiny, []);

        cells.Select(cell => cell.Initialisation.Name).Should().Equal(
            "He", "orthogonal", "flat r = k/16", "flat r = k/2", "flat r = k", "spike r = k/16", "spike r = k/2",
            "flat r = k/16, He's norm", "flat r = k/2, He's norm", "flat r = k, He's norm");
        cells.Should().OnlyContain(cell => cell.Common.Count == 2 && cell.Best.Count == 2);
        result.Figures.Select(figure => figure.Name).Should().Equal("steps-variance", "steps-norm", "accuracy", "divergence");
        result.Verdicts.Should().HaveCount(8).And.OnlyContain(verdict => verdict.Evidence.Length > 0);
        result.Tables.Should().ContainSingle().Which.Rows.Should().HaveCount(cells.Count);
    }

    [Fact]
    public void Run_SameSeed_SameNumbers_OtherSeed_Others()
    {
        static IEnumerable<LearningOutcome> Runs(IReadOnlyList<Convergence.Cell> cells) =>
            cells.SelectMany(cell => cell.Common.Concat(cell.Best));

        Runs(Measured(1)).Should().Equal(Runs(Once.Value));
        Runs(Measured(2)).Should().NotEqual(Runs(Once.Value));
    }

    [Fact]
    public void Judge_TwiceAsFastAsHe_SpeedVerdictsHoldAndSayTwice()
    {
        var verdicts = Convergence.Judge(Planted(one => one.IsBaseline ? 1000 : 500), Tiny, []).Verdicts;

        verdicts.Take(3).Should().OnlyContain(verdict => verdict.Outcome == VerdictOutcome.Holds);
        verdicts[0].Evidence.Should().Contain("2.00x the speed");
    }

    [Fact]
    public void Judge_NothingButNoise_NoSpeedVerdictHolds()
    {
        var verdicts = Convergence.Judge(Planted(_ => 100), Tiny, []).Verdicts;

        verdicts.Take(7).Should().OnlyContain(verdict => verdict.Outcome == VerdictOutcome.Fails);
        verdicts[7].Outcome.Should().Be(VerdictOutcome.Holds, "accuracies are equal");
    }

    [Fact]
    public void Judge_LowRankSlowAndMiddleBestAtNorm_VerdictsOnRankHold()
    {
        var planted = Planted(one => one.Fraction switch { 1 / 16.0 => 200, 1 / 2.0 => 50, _ => 100 });
        var verdicts = Convergence.Judge(planted, Tiny, []).Verdicts;

        verdicts.Skip(3).Take(4).Should().OnlyContain(verdict => verdict.Outcome == VerdictOutcome.Holds);
    }

    [Fact]
    public void Outcome_OfLosses_TimesTheWindowAndSeesDivergence()
    {
        double[] falling = [.. Enumerable.Repeat(2.0, 10), .. Enumerable.Repeat(0.1, 10)];

        LearningOutcome.Of(falling, 1.06, 40, 0.9, isBroken: false).Should().Be(new LearningOutcome(15, true, 0.9, false));
        LearningOutcome.Of(falling, 0.05, 40, 0.9, isBroken: false).Should().Be(new LearningOutcome(40, false, 0.9, false));
        LearningOutcome.Of(falling, 0.05, 40, 0.9, isBroken: true).Should().Be(new LearningOutcome(40, false, 0.1, true));
        LearningOutcome.Of([.. Enumerable.Repeat(50.0, 20)], 1, 20, 0.3, isBroken: false).Diverged.Should().BeTrue();
    }

    [Fact]
    public void Run_Cancelled_Stops()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        var run = () => new Convergence(Tiny).Run(new ExperimentContext(1, ExperimentSize.Quick, new Progress<double>(), cancelled.Token));

        run.Should().Throw<OperationCanceledException>();
    }

    private static IReadOnlyList<Convergence.Cell> Measured(ulong seed) => Convergence.Measure(
        Tiny, new ExperimentContext(seed, ExperimentSize.Quick, new Progress<double>(), CancellationToken.None)).Cells;

    /// <summary>Eight replicates of these many steps, a replicate's own per cent or two apart.</summary>
    private static IReadOnlyList<Convergence.Cell> Planted(Func<Initialisation, int> steps)
    {
        var index = 0;
        return [.. Small.Initialisations().Select(one =>
        {
            // noise that no cell shares with another, of mean near zero
            var shift = index++;
            var runs = Enumerable.Range(0, 8).Select(j => new LearningOutcome(
                (steps(one) * (100 + ((j % 2 == 0 ? 1 : -1) * (1 + (shift + (j / 2)) % 3)))) / 100, true, 0.9, false)).ToList();
            return new Convergence.Cell(Small, "digits", one, 0.01, false, [0, 0], runs, runs);
        })];
    }
}
