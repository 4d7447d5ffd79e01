using System.Numerics;
using System.Numerics.Tensors;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Training;

namespace StableRank.Tests.Training;

/// <summary>Plain gradient descent that adds gradients to the weights where they are formed.</summary>
public sealed class DescentInProductsTests
{
    private const double Rate = 0.05;

    private static readonly TrainingOptions s_options = new()
    {
        Schedule = LearningRateSchedule.Constant(Rate),
        Epochs = 3,
        BatchSize = 32,
        GoodStateInterval = 5,
    };

    [Fact]
    public void Run_WithAHookThatMayChangeGradients_GivesTheSameWeightsToRounding()
    {
        Agrees<double>(1e-16);
        Agrees<float>(6e-8);
    }

    [Fact]
    public void Run_WatchedByAReader_GivesTheSameWeightsToTheLastBit()
    {
        var watched = Train<double>(new Watcher<double>(GradientUse.Read), out var seen);
        var reader = new Watcher<double>(GradientUse.Change);
        Tasks.Weights(watched).Should().Equal(Tasks.Weights(Train<double>(null, out _)));

        // and what it reads are the gradients: the first are those of a run that stores them
        Train(reader, out var stored);
        seen[0].Should().Equal(stored[0]);
        seen.Should().HaveCount(stored.Count);
        for (var step = 1; step < seen.Count; step++)
        {
            Distance(seen[step], stored[step]).Should().BeLessThan(1e-12 * Math.Sqrt(stored[step].Sum(g => g * g)), "at step {0}", step);
        }
    }

    [Fact]
    public void Run_WhoseHooksLeaveGradientsAlone_DoesNotStoreThem()
    {
        var hook = new Watcher<double>(GradientUse.None);
        Train(hook, out var seen);

        // where a good state is kept they are looked at, and stay until the next time
        seen[0].Should().NotEqual(seen[5]);
        seen[1].Should().Equal(seen[0]);
        seen[4].Should().Equal(seen[0]);
        seen[6].Should().Equal(seen[5]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Run_WhoseSignalsOverflow_NamesTheGradientTheLayerAndTheStep(bool bias)
    {
        // hidden states of 1e-10 and weights of 1e28 give outputs of 1e18, whose squares are finite; what goes back is 1e44
        var network = Model.Dense([64, 12, 10], Activation.Linear, (_, m, n) => Ensemble.Xavier(m, n), bias ? 0.01 : 0)
            .Sample<float>(3);
        var options = s_options with { Schedule = LearningRateSchedule.Constant(1e-6), Epochs = 6 };
        var result = new Trainer<float>(
            network, Loss.SquaredError, new GradientDescent<float>(), options, [new Rescaling(step: 7)])
            .Run(Tasks.Digits<float>(64));

        result.Divergence!.Quantity.Should().Be(DivergenceQuantity.Gradient);
        result.Divergence.Step.Should().Be(8);
        result.Divergence.Layer.Should().Be(1);
        result.Divergence.LastGoodStep.Should().Be(5);
        Array.TrueForAll(Tasks.Weights(network), float.IsFinite).Should().BeTrue();
    }

    private static void Agrees<T>(double rounding)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (products, stored) = (Train<T>(null, out _), Train(new Watcher<T>(GradientUse.Change), out var gradients));
        var (a, b) = (Doubles(Tasks.Weights(products)), Doubles(Tasks.Weights(stored)));
        a.Should().NotEqual(Doubles(Tasks.Weights(Tasks.Network<T>(1, 64, 32, 10))));

        // a step rounds each weight once more or less; what that does to later gradients is damped by the rate
        var scale = Math.Sqrt(b.Sum(w => w * w));
        Distance(a, b).Should().BeLessThan(20 * gradients.Count * rounding * scale);
    }

    private static Network<T> Train<T>(Watcher<T>? hook, out List<double[]> gradients)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var network = Tasks.Network<T>(1, 64, 32, 10);
        var trainer = new Trainer<T>(
            network, Loss.SoftmaxCrossEntropy, new GradientDescent<T>(), s_options, hook is null ? [] : [hook]);
        trainer.Run(Tasks.Digits<T>(100)).Outcome.Should().Be(TrainingOutcome.Completed);
        trainer.Optimizer.StepCount.Should().Be(12);
        gradients = hook?.Seen ?? [];
        return network;
    }

    private static double[] Doubles<T>(T[] values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Array.ConvertAll(values, double.CreateChecked);

    private static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());

    /// <summary>Keeps copies of the gradients, and says that it does with them what it is told to say.</summary>
    private sealed class Watcher<T>(GradientUse use) : TrainingHook<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public List<double[]> Seen { get; } = [];

        public override GradientUse GradientUse => use;

        public override void BeforeStep(in StepContext<T> context) => Seen.Add(
            [.. context.Network.Parameters.Where(p => p.IsWeight).SelectMany(p => p.Gradient).Select(double.CreateChecked)]);
    }

    private sealed class Rescaling(long step) : TrainingHook<float>
    {
        public override GradientUse GradientUse => GradientUse.None;

        public override void AfterStep(in StepContext<float> context)
        {
            if (context.Step == step)
            {
                Scale(context.Network.Layers[0], 1e-10f);
                Scale(context.Network.Layers[1], 1e28f);
            }
        }

        private static void Scale(Layer<float> layer, float factor)
        {
            foreach (var parameter in layer.Parameters)
            {
                TensorPrimitives.Multiply(parameter.Values, factor, parameter.Values);
            }
        }
    }
}
