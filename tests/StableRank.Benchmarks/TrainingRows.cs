using System.Numerics;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Training;

namespace StableRank.Benchmarks;

/// <summary>
/// Training steps of dense ReLU networks, of a convolutional and of an Elman network, batch 128 (gather, forward, cross-entropy, backward,
/// optimiser), against PyTorch.
/// </summary>
internal static class TrainingRows
{
    private const double DenseTarget = 1.5, OtherTarget = 1, FloorTarget = 2, BiasVariance = 0.01;

    /// <summary>From this width on the floor is aimed at.</summary>
    private const int FloorWidth = 512;

    private enum Method
    {
        Sgd,
        Adam,
    }

    public static IEnumerable<Comparison> All()
    {
        foreach (var width in new[] { 128, FloorWidth, 2048 })
        {
            yield return Dense<double>(width, Method.Sgd);
            yield return Dense<float>(width, Method.Sgd);
        }

        foreach (var width in new[] { 128, FloorWidth })
        {
            yield return Dense<double>(width, Method.Adam);
            yield return Dense<float>(width, Method.Adam);
        }

        yield return Convolution<double>();
        yield return Convolution<float>();
        yield return Elman<double>();
        yield return Elman<float>();
    }

    /// <summary>A step of gradient descent of the dense network of a width, in double.</summary>
    public static Comparison DenseStep(int width) => Dense<double>(width, Method.Sgd);

    private static Comparison Dense<T>(int width, Method method)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int[] widths = [784, width, width, TrainingTask<T>.Classes];
        var row = Row<T>(
            string.Join('-', widths), "torch_dense_steps", [$"widths={string.Join(',', widths)}"], method, DenseTarget,
            () => Model.Dense(widths, Activation.ReLU, (_, m, n) => Ensemble.He(m, n), BiasVariance, linearOutput: true));
        return row with
        {
            FloorTarget = width >= FloorWidth ? FloorTarget : null,
            Repeats = width switch { < FloorWidth => 400, FloorWidth => 100, _ => 10 },
            LeastSeconds = 0,
        };
    }

    /// <summary>28 x 28 pixels, 3 x 3 taps: 16 channels, then 32 at every second pixel, then all of them to the classes.</summary>
    private static Comparison Convolution<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int side = 28, taps = 3, first = 16, second = 32;
        return Row<T>(
            $"convolutions 1-{first}-{second} of {taps} x {taps} on {side} x {side}, dense", "torch_convolution_steps",
            [$"side={side}", $"channels={first},{second}"], Method.Sgd, OtherTarget,
            () =>
            {
                var wide = new ConvolutionAxis(side, taps, stride: 1, padding: 1);
                var narrow = new ConvolutionAxis(side, taps, stride: 2, padding: 1);
                ConvolutionShape below = new(1, wide, wide), above = new(first, narrow, narrow);
                return new Model(
                [
                    new ConvolutionSpecification(below, Ensemble.He(first, below.PatchSize), Activation.ReLU, BiasVariance),
                    new ConvolutionSpecification(above, Ensemble.He(second, above.PatchSize), Activation.ReLU, BiasVariance),
                    new DenseSpecification(Ensemble.He(TrainingTask<T>.Classes, second * above.Positions), Activation.Linear, BiasVariance),
                ]);
            }) with
        { Repeats = 5, LeastSeconds = 0 };
    }

    /// <summary>28 steps of 28 numbers; the classes from the states of all steps.</summary>
    private static Comparison Elman<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int steps = 28, features = 28, width = 128;
        return Row<T>(
            $"Elman, {steps} steps of {features}, width {width}, tanh, dense", "torch_elman_steps",
            [$"steps={steps}", $"features={features}", $"width={width}"], Method.Sgd, OtherTarget,
            () => new Model(
            [
                new ElmanSpecification(
                    steps, Ensemble.LeCun(width, features), Ensemble.Gaussian(width, width, 0.5 / width), Activation.Tanh),
                new DenseSpecification(Ensemble.LeCun(TrainingTask<T>.Classes, steps * width), Activation.Linear, BiasVariance),
            ])) with
        { Repeats = 10, LeastSeconds = 0 };
    }

    private static Comparison Row<T>(string name, string peer, string[] arguments, Method method, double target, Func<Model> model)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var precision = typeof(T) == typeof(double) ? "double" : "single";
        var optimizer = method == Method.Sgd ? "sgd" : "adam";
        return Comparison.Of($"training step, {name}, {optimizer}, {precision}", () => Task<T>(model(), method).Step) with
        {
            PeerRow = peer,
            PeerArguments = [.. arguments, $"batch={TrainingTask<T>.BatchSize}", $"optimizer={optimizer}", $"precision={precision}"],
            Flops = () => Task<T>(model(), method).Flops,
            Single = typeof(T) == typeof(float),
            Target = target,
        };
    }

    private static TrainingTask<T> Task<T>(Model model, Method method)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => method == Method.Sgd
        ? new(model, new GradientDescent<T>(), 1e-3)
        : new(model, new Adam<T>(), 1e-4);
}
