using System.Numerics;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Training;

namespace StableRank.Tests.Training;

public sealed class DivergenceTests
{
    private static readonly TrainingOptions s_options = new()
    {
        Schedule = LearningRateSchedule.Constant(1e3),
        Epochs = 20,
        BatchSize = 16,
        GoodStateInterval = 2,
    };

    [Fact]
    public void Run_AtAHugeLearningRate_EndsAndRestoresTheLastGoodState()
    {
        Diverges<double>();
        Diverges<float>();
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 4)]
    [InlineData(3, 7)]
    public void Run_WithAPlantedGradient_NamesStepAndLayer(int layer, int step)
    {
        var (network, planted) = (Tasks.Network<double>(), new PlantedGradient(layer, step));
        var result = Train(network, planted, new Adam<double>(), 1e-3);

        result.Outcome.Should().Be(TrainingOutcome.Diverged);
        var divergence = result.Divergence!;
        divergence.Quantity.Should().Be(DivergenceQuantity.Gradient);
        divergence.Layer.Should().Be(layer);
        divergence.Step.Should().Be(step);
        divergence.Epoch.Should().Be((step / 4) + 1);
        divergence.Parameter.Should().Be($"{2 * (layer - 1)}.weight");
        divergence.Value.Should().Be(double.NegativeInfinity);

        // copies are taken at even steps before the failing one
        divergence.LastGoodStep.Should().Be(step == 0 ? -1 : (step - 1) / 2 * 2);
        result.Steps.Should().Be(Math.Max(divergence.LastGoodStep, 0));
        divergence.ToString().Should().Contain($"step {step} ").And.Contain($"layer {layer}");
    }

    [Fact]
    public void Run_ThatDiverges_RestoresTheVeryStateOfThatStep()
    {
        using var scope = Backend.SingleThreaded();
        var (network, straight) = (Tasks.Network<double>(), Tasks.Network<double>());
        var optimizer = new Adam<double>();
        var good = Train(network, new PlantedGradient(2, 7), optimizer, 1e-3).Divergence!.LastGoodStep;
        var mirror = new Adam<double>();
        using var source = new CancellationTokenSource();
        var options = s_options with { Schedule = LearningRateSchedule.Constant(1e-3) };
        new Trainer<double>(straight, Loss.SoftmaxCrossEntropy, mirror, options, [new Ending(good, source)])
            .Run(Tasks.Digits<double>(64), cancellation: source.Token).Steps.Should().Be(good);

        Tasks.Weights(network).Should().Equal(Tasks.Weights(straight));
        optimizer.StepCount.Should().Be(good);
        optimizer.State.SelectMany(array => array.Values).Should().Equal(mirror.State.SelectMany(array => array.Values));
    }

    [Fact]
    public void Run_WhoseHookBreaksAWeight_IsSeenAtTheNextLook()
    {
        // minus infinity under a rectifier is a zero, with a finite loss and gradient
        var network = Tasks.Network<double>();
        var result = Train(network, new PlantedWeight(3), new GradientDescent<double>(), 1e-3);

        result.Outcome.Should().Be(TrainingOutcome.Diverged);
        result.Divergence!.Quantity.Should().Be(DivergenceQuantity.Weights);
        result.Divergence.Parameter.Should().Be("0.bias");
        result.Divergence.Step.Should().Be(4);
        Tasks.Weights(network).Should().OnlyContain(weight => double.IsFinite(weight));
    }

    private static void Diverges<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var network = Tasks.Network<T>();
        var result = new Trainer<T>(network, Loss.SquaredError, new GradientDescent<T>(), s_options).Run(Tasks.Digits<T>(64));

        result.Outcome.Should().Be(TrainingOutcome.Diverged);
        var divergence = result.Divergence!;

        // the bias of the outputs alone grows by the learning rate at each step, its square passes 1e308 after 52 of them
        divergence.Step.Should().BeInRange(1, 60);
        divergence.Layer.Should().BeInRange(1, 3);
        divergence.LastGoodStep.Should().BeInRange(0, divergence.Step - 1);
        double.IsFinite(divergence.Value).Should().BeFalse();
        result.Steps.Should().Be(divergence.LastGoodStep);
        result.StepLosses.Should().HaveCount((int)divergence.Step).And.OnlyContain(loss => double.IsFinite(loss));
        Array.TrueForAll(Tasks.Weights(network), T.IsFinite).Should().BeTrue();

        // the state is good: its loss and gradients are finite
        var data = Tasks.Digits<T>(64);
        var pass = network.Forward(data.Inputs);
        var gradient = new T[10 * 64];
        double.IsFinite(Loss.SquaredError.Evaluate<T>(pass.Outputs, data.Labels!.ToArray(), gradient)).Should().BeTrue();
    }

    private static TrainingResult Train(Network<double> network, TrainingHook<double> hook, Optimizer<double> optimizer, double rate)
    {
        using var scope = Backend.SingleThreaded();
        return new Trainer<double>(
            network, Loss.SoftmaxCrossEntropy, optimizer, s_options with { Schedule = LearningRateSchedule.Constant(rate) }, [hook])
            .Run(Tasks.Digits<double>(64));
    }

    private sealed class PlantedGradient(int layer, long step) : TrainingHook<double>
    {
        public override void BeforeStep(in StepContext<double> context)
        {
            if (context.Step == step)
            {
                context.Network.Layers[layer - 1].Parameters[0].Gradient[5] = double.NegativeInfinity;
            }
        }
    }

    private sealed class PlantedWeight(long step) : TrainingHook<double>
    {
        public override void AfterStep(in StepContext<double> context)
        {
            if (context.Step == step)
            {
                context.Network.Parameters[1].Values[2] = double.NegativeInfinity;
            }
        }
    }

    private sealed class Ending(long steps, CancellationTokenSource source) : TrainingHook<double>
    {
        public override void AfterStep(in StepContext<double> context)
        {
            if (context.Step == steps - 1)
            {
                source.Cancel();
            }
        }
    }
}
