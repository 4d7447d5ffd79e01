using StableRank.Ensembles;
using StableRank.Networks;

namespace StableRank.Tests.Kernels;

/// <summary>Convolutional and recurrent models by name, of a width to choose.</summary>
internal static class PositionModels
{
    public static readonly string[] Names =
        ["conv2d", "conv1d", "conv-end", "elman", "elman-deep", "dense-elman", "dense-conv", "pooled", "dense-pooled"];

    public static Model Of(string name, int n)
    {
        Ensemble Weights(int rows, int columns, double gain) => Ensemble.Gaussian(rows, columns, gain / columns);
        ConvolutionSpecification Convolve(ConvolutionShape shape, Activation phi, double bias = 0) =>
            new(shape, Weights(n, shape.PatchSize, 1.7), phi, bias);
        ElmanSpecification Recur(int steps, int inputs, Activation phi, double bias = 0) =>
            new(steps, Weights(n, inputs, 1.2), Ensemble.StableRank(n, n, n / 2.0, scale: ScaleConvention.Spectral(1.3)), phi, bias);
        DenseSpecification Dense(int rows, int columns, Activation phi, double bias = 0) => new(Weights(rows, columns, 1.5), phi, bias);

        // 2 x 5 x 6 images to 3 x 4 positions, then to 3 x 2 by stride and dilation
        var first = new ConvolutionShape(
            2, new ConvolutionAxis(5, 3, stride: 2, padding: 1), new ConvolutionAxis(6, 2, padding: 1, dilation: 3));
        var positions = (first.Vertical.Positions, first.Horizontal.Positions);
        var second = new ConvolutionShape(
            n, new ConvolutionAxis(positions.Item1, 2, padding: 1, dilation: 2), new ConvolutionAxis(positions.Item2, 3, stride: 2));
        var line = new ConvolutionShape(1, new ConvolutionAxis(9, 3, padding: 2));
        return new Model(name switch
        {
            "conv2d" =>
            [
                Convolve(first, Activation.ReLU, 0.1), Convolve(second, Activation.Erf),
                Dense(1, n * second.Positions, Activation.Linear, 0.05),
            ],
            "conv1d" => [Convolve(line, Activation.Gelu), Dense(n, n * line.Positions, Activation.ReLU), Dense(1, n, Activation.Linear)],
            "conv-end" => [Convolve(first, Activation.ReLU, 0.2), Convolve(second, Activation.Linear)],
            "elman" => [Recur(4, 3, Activation.Erf, 0.1), Dense(1, 4 * n, Activation.Linear, 0.2)],
            "elman-deep" =>
                [Recur(3, 2, Activation.ReLU, 0.1), Recur(3, n, Activation.LeakyReLU(0.3)), Dense(1, 3 * n, Activation.Linear)],
            "dense-elman" => [Dense(3 * n, 6, Activation.ReLU), Recur(3, n, Activation.Erf), Dense(1, 3 * n, Activation.Linear)],
            "pooled" =>
            [
                Convolve(first, Activation.ReLU, 0.1), Convolve(second, Activation.Erf),
                new PooledDenseSpecification(second.Positions, Weights(n, n, 1.5), Activation.ReLU, 0.05), Dense(1, n, Activation.Linear),
            ],
            "dense-pooled" =>
            [
                Dense(n * 9, 6, Activation.ReLU), Convolve(new ConvolutionShape(n, line.Horizontal), Activation.ReLU, 0.1),
                new PooledDenseSpecification(line.Positions, Weights(1, n, 1.5), Activation.Linear, 0.05),
            ],
            "dense-conv" =>
            [
                Dense(n * 9, 6, Activation.ReLU), Convolve(new ConvolutionShape(n, line.Horizontal), Activation.ReLU),
                Dense(1, n * line.Positions, Activation.Linear),
            ],
            _ => throw new ArgumentException($"Unknown model '{name}'.", nameof(name)),
        });
    }
}
