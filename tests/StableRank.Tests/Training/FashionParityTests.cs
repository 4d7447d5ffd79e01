using System.Globalization;
using StableRank.Benchmarks;
using StableRank.Data;
using StableRank.Networks;
using StableRank.Tests.Support;
using StableRank.Training;

namespace StableRank.Tests.Training;

/// <summary>
/// The first steps of <see cref="FashionTask"/> in double against PyTorch's (Fixtures/fashion_losses.csv, command in its heading); five
/// epochs in both precisions are `./build.sh bench fashion`.
/// </summary>
public sealed class FashionParityTests(FashionParityTests.Samples samples) : IClassFixture<FashionParityTests.Samples>
{
    /// <summary>Steps by which a fault shows: Adam's first is lr sign(g), nearly, whatever its constants.</summary>
    private const int FewSteps = 5;

    [FashionMnistFact]
    public void Run_OnFashionMnist_HasTheLossesOfPyTorch()
    {
        var theirs = PyTorchLosses();
        theirs.Should().HaveCount(FashionTask.ComparedSteps);

        Deviation(theirs.Length, new Adam<double>()).Should().BeLessThan(FashionTask.LossTolerance);
    }

    [FashionMnistFact]
    public void Run_OfAnotherOptimizer_IsSeen()
    {
        // the checker of the test above fails on each constant alone, and on another rule
        Optimizer<double>[] others =
        [
            new Adam<double>(beta1: 0.899), new Adam<double>(beta2: 0.998), new Adam<double>(epsilon: 1e-7),
            new Adam<double>(weightDecay: 1e-3), new AdamW<double>(),
        ];
        foreach (var other in others)
        {
            Deviation(FewSteps, other).Should().BeGreaterThan(10 * FashionTask.LossTolerance, other.ToString());
        }
    }

    [FashionMnistFact]
    public void Run_OnOtherBatches_IsSeen()
    {
        var options = FashionTask.Options(1);
        Deviation(FewSteps, new Adam<double>(), options with { Seed = options.Seed + 1 }).Should().BeGreaterThan(1e-3);
        Deviation(FewSteps, new Adam<double>(), options with { BatchSize = FashionTask.BatchSize - 1 }).Should().BeGreaterThan(1e-3);
    }

    [Fact]
    public void LargestDifference_OfMissingOrUndefinedLosses_IsNotSmall()
    {
        FashionTask.LargestDifference([1, 2], [1, 2]).Should().Be(0);
        FashionTask.LargestDifference([1, 2.5], [1, 2]).Should().Be(0.25);
        FashionTask.LargestDifference([1], [1, 2]).Should().Be(double.PositiveInfinity);
        FashionTask.LargestDifference([], []).Should().Be(double.PositiveInfinity);
        FashionTask.LargestDifference([1, double.NaN, 2], [1, 1, 2]).Should().Be(double.NaN);
    }

    private static double[] PyTorchLosses() =>
    [
        .. File.ReadLines(Path.Combine(
                Repository.Root, "tests", "StableRank.Tests", "Training", "Fixtures", "fashion_losses.csv"))
            .Where(line => !line.StartsWith('#'))
            .Select(line => double.Parse(line, CultureInfo.InvariantCulture)),
    ];

    /// <summary>The largest relative difference from PyTorch's losses over the first steps.</summary>
    private double Deviation(int steps, Optimizer<double> optimizer, TrainingOptions? options = null)
    {
        var trainer = new Trainer<double>(
            FashionTask.Network<double>(), Loss.SoftmaxCrossEntropy, optimizer, options ?? FashionTask.Options(1), [new StopAfter(steps)]);
        var result = trainer.Run(samples.Training!);
        result.Outcome.Should().Be(TrainingOutcome.StoppedByHook);
        result.StepLosses.Should().HaveCount(steps);
        return FashionTask.LargestDifference(result.StepLosses, PyTorchLosses()[..steps]);
    }

    /// <summary>The training samples, read once for the tests of the class; null where they have not been fetched.</summary>
    public sealed class Samples
    {
        /// <summary>The training samples.</summary>
        public TrainingData<double>? Training { get; } =
            FashionTask.TryLoad(DataPart.Train) is { } data ? FashionTask.Data<double>(data) : null;
    }

    private sealed class StopAfter(int steps) : TrainingHook<double>
    {
        private long _done;

        public override bool StopRequested => _done == steps;

        public override void AfterStep(in StepContext<double> context) => _done = context.Step + 1;
    }
}
