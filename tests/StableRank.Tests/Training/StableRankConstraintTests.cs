using System.Numerics.Tensors;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Spectra;
using StableRank.Training;
using StableRank.Tests.Support;

namespace StableRank.Tests.Training;

public sealed class StableRankConstraintTests
{
    private static readonly TrainingOptions s_options = new()
    {
        Schedule = LearningRateSchedule.Constant(0.003),
        Epochs = 16,
        BatchSize = 32,
        Seed = 4,
    };

    [Fact]
    public void Run_Free_LetsTheStableRanksDrift()
    {
        // what the tests below would see of a constraint that does nothing: a thousand times the accuracy that they ask for
        var network = Tasks.Network<double>();
        var before = Ranks(network);
        Train(network, null);
        Ranks(network).Zip(before, (a, b) => Math.Abs((a / b) - 1))
            .Should().OnlyContain(drift => drift > 1000 * 2e-6);
    }

    [Theory]
    [InlineData(KeptNorm.Free)]
    [InlineData(KeptNorm.Spectral)]
    [InlineData(KeptNorm.Frobenius)]
    public void Run_Exact_HoldsEveryLayerAndStillLearns(KeptNorm keep)
    {
        var network = Tasks.Network<double>();
        var constraint = StableRankConstraint<double>.Exact(network, 4, keep);
        var result = Train(network, constraint);
        Ranks(network).Should().OnlyContain(r => Math.Abs(r - 4) <= 4 * 2e-6);
        constraint.Reports.Should().HaveCount(3).And.OnlyContain(report => report.CutCount > 0);
        result.Epochs[^1].TrainingAccuracy.Should().BeGreaterThan(0.8);
    }

    [Fact]
    public void Run_AsItIs_HoldsWhereItStarted()
    {
        var network = Tasks.Network<float>();
        var before = Ranks(network);
        Train(network, StableRankConstraint<float>.AsItIs(network));
        Ranks(network).Zip(before, (a, b) => Math.Abs((a / b) - 1)).Should().OnlyContain(drift => drift <= 2 * 1e-5);
    }

    [Fact]
    public void Run_AtMostAndPenalty_BoundAndAttract()
    {
        var network = Tasks.Network<double>();
        Train(network, StableRankConstraint<double>.AtMost(network, 3));
        Ranks(network).Should().OnlyContain(r => r <= 3 * (1 + 1e-12));

        Network<double> free = Tasks.Network<double>(), drawn = Tasks.Network<double>();
        Train(free, null);
        var constraint = StableRankConstraint<double>.Penalise(drawn, 0.1, 2);
        Train(drawn, constraint);
        constraint.Penalty.Should().BePositive();
        Ranks(drawn).Zip(Ranks(free)).Should().OnlyContain(pair => Math.Abs(pair.First - 2) < 0.5 * Math.Abs(pair.Second - 2));
    }

    [Fact]
    public void Run_WhereSquaresOverflow_LeavesThemToTheTrainer()
    {
        foreach (var kind in new Func<Network<double>, StableRankConstraint<double>>[]
        {
            network => StableRankConstraint<double>.Penalise(network, 0.1, 2), network => StableRankConstraint<double>.Exact(network, 2),
        })
        {
            var network = Tasks.Network<double>();
            foreach (var parameter in network.Parameters)
            {
                TensorPrimitives.Multiply(parameter.Values, 1e160, parameter.Values);
            }

            var train = () => Train(network, kind(network));
            train.Should().NotThrow();
        }
    }

    [Fact]
    public void Resume_AfterACheckpoint_GivesTheSameBits()
    {
        using var scope = Backend.SingleThreaded();
        using var folder = new TemporaryFolder();
        Network<double> whole = Tasks.Network<double>(), parts = Tasks.Network<double>();
        Train(whole, StableRankConstraint<double>.Exact(whole, 4));
        var options = s_options with { CheckpointFolder = folder.Path, Epochs = 6 };
        Train(parts, StableRankConstraint<double>.Exact(parts, 4), options);

        var resumed = Tasks.Network<double>(seed: 9);
        new Trainer<double>(
            resumed, Loss.SoftmaxCrossEntropy, new Adam<double>(), options with { Epochs = 16 },
            [StableRankConstraint<double>.Exact(resumed, 4)]).Resume(Tasks.Digits<double>(400));
        Tasks.Weights(resumed).Should().Equal(Tasks.Weights(whole));

        var other = Tasks.Network<double>();
        FluentActions.Invoking(() => new Trainer<double>(
                other, Loss.SoftmaxCrossEntropy, new Adam<double>(), options with { Epochs = 16 },
                [StableRankConstraint<double>.Exact(other, 5)]).Resume(Tasks.Digits<double>(400)))
            .Should().Throw<CheckpointMismatchException>();
    }

    [Fact]
    public void Run_Diverging_EndsAsWithoutTheConstraint()
    {
        var network = Tasks.Network<double>();
        var options = s_options with { Schedule = LearningRateSchedule.Constant(1e200) };
        var result = new Trainer<double>(
            network, Loss.SoftmaxCrossEntropy, new GradientDescent<double>(), options, [StableRankConstraint<double>.Exact(network, 4)])
            .Run(Tasks.Digits<double>(200));
        result.Outcome.Should().Be(TrainingOutcome.Diverged);
    }

    [Fact]
    public void Tracking_EveryFewSteps_RecordsWeightsAndGradients()
    {
        var network = Tasks.Network<double>();
        var tracker = new RankTracker();
        var trainer = new Trainer<double>(
            network, Loss.SoftmaxCrossEntropy, new Adam<double>(), s_options with { Epochs = 1 }, [new RankTracking<double>(tracker, 5)]);
        trainer.Run(Tasks.Digits<double>(320));
        tracker.Records.Should().HaveCount(2 * 3 * 2);
        tracker.Records.Select(record => record.Step).Distinct().Should().Equal(5, 10);
        var last = tracker.Records.Where(record => record is { Step: 10, Quantity: TrackedQuantity.Weight })
            .Select(record => record.Ranks.StableRank);
        last.Zip(Ranks(network), (a, b) => Math.Abs(a - b)).Should().OnlyContain(difference => difference < 1e-6);
    }

    [Fact]
    public void Constraint_ImpossibleRule_IsAnError()
    {
        var network = Tasks.Network<double>();
        FluentActions.Invoking(() => StableRankConstraint<double>.Exact(network, 12)).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("*12*10*");
        FluentActions.Invoking(() => new StableRankConstraint<double>(network, _ => null)).Should().Throw<ArgumentException>();
    }

    private static TrainingResult Train<T>(Network<T> network, StableRankConstraint<T>? constraint, TrainingOptions? options = null)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T> =>
        new Trainer<T>(network, Loss.SoftmaxCrossEntropy, new Adam<T>(), options ?? s_options, constraint is null ? [] : [constraint])
            .Run(Tasks.Digits<T>(400));

    private static double[] Ranks<T>(Network<T> network)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T> =>
        [.. network.Parameters.Where(parameter => parameter.IsWeight).Select(parameter => TestMatrices.StableRankOf(parameter.Matrix))];
}
