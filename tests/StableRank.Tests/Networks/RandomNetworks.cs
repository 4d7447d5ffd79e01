using MathNet.Numerics.LinearAlgebra;
using StableRank.Networks;
using StableRank.Randomness;

namespace StableRank.Tests.Networks;

/// <summary>Small networks of random shapes and weights, with batches for them.</summary>
internal sealed class RandomNetworks(ulong seed)
{
    private static readonly string[] Activations = ["tanh", "gelu", "sin", "erf", "linear", "relu", "leaky-relu:0.3"];
    private readonly RandomStream _stream = new(seed, 4242);

    public int Integer(int from, int to) => from + (int)(_stream.NextDouble() * (to - from + 1));

    public bool Coin() => _stream.NextDouble() < 0.5;

    public double[] Gaussians(int count)
    {
        var values = new double[count];
        _stream.FillGaussian<double>(values);
        return values;
    }

    public Matrix<double> Matrix(int rows, int columns, double scale = 1) =>
        Matrix<double>.Build.Dense(rows, columns, Gaussians(rows * columns)) * scale;

    public Activation Activation() => StableRank.Networks.Activation.Parse(Activations[Integer(0, Activations.Length - 1)]);

    public DenseLayer<double> Dense(int inputs, int outputs, Activation? activation = null) =>
        new(Matrix(outputs, inputs, 1 / Math.Sqrt(inputs)), Bias(outputs), activation ?? Activation());

    public ConvolutionLayer<double> Convolution(ConvolutionShape shape, int outputs) =>
        new(shape, Matrix(outputs, shape.PatchSize, 1 / Math.Sqrt(shape.PatchSize)), Bias(outputs), Activation());

    public PooledDenseLayer<double> Pooled(int positions, int channels, int outputs) =>
        new(positions, Matrix(outputs, channels, 1 / Math.Sqrt(channels)), Bias(outputs), Activation());

    public ElmanLayer<double> Elman(int steps, int inputs, int width, int? truncation = null) =>
        new(
            steps, Matrix(width, inputs, 1 / Math.Sqrt(inputs)), Matrix(width, width, 1 / Math.Sqrt(width)), Bias(width), Activation(),
            truncation);

    /// <summary>An axis on which the kernel fits: strides above the kernel, padding and dilation included.</summary>
    public ConvolutionAxis Axis(int? size = null)
    {
        while (true)
        {
            var (pixels, kernel, stride) = (size ?? Integer(1, 7), Integer(1, 3), Integer(1, 4));
            var (padding, dilation) = (Integer(0, 2), Integer(1, 3));
            if ((dilation * (kernel - 1)) + 1 <= pixels + (2 * padding))
            {
                return new ConvolutionAxis(pixels, kernel, stride, padding, dilation);
            }
        }
    }

    /// <summary>Of one dimension or two; <paramref name="below"/> gives the images that come in.</summary>
    public ConvolutionShape Shape(ConvolutionLayer<double>? below = null)
    {
        var flat = below?.Shape.Dimensions == 1 || (below is null && Coin());
        var channels = below?.OutputChannels ?? Integer(1, 3);
        return flat
            ? new ConvolutionShape(channels, Axis(below?.Shape.Horizontal.Positions))
            : new ConvolutionShape(channels, Axis(below?.Shape.Vertical.Positions), Axis(below?.Shape.Horizontal.Positions));
    }

    /// <summary>Whether some pre-activation lies so near a kink that a step of the check could cross it.</summary>
    public static bool NearsKink(Network<double> network, Matrix<double> inputs)
    {
        // a step of 2e-4 in one weight or input moves a pre-activation by about 2e-4 times an activation and a product of norms
        const double safe = 20 * 2 * GradientCheck.Step;
        var pass = network.Forward(inputs);
        return network.Layers.Zip(pass.PreActivations).Any(pair =>
            pair.First.Activation.IsPiecewiseLinear(out var slope) && slope != 1
            && pair.Second.Enumerate().Any(z => Math.Abs(z) < safe));
    }

    private Vector<double>? Bias(int size) => Coin() ? Vector<double>.Build.Dense(Gaussians(size)) : null;
}
