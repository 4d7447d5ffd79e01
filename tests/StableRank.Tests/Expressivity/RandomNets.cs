using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Randomness;

namespace StableRank.Tests.Expressivity;

/// <summary>Small random networks of changing depth, widths, activations and biases, and random points.</summary>
internal static class RandomNets
{
    private const ulong Choices = 1;
    private const ulong Points = 2;

    /// <summary>A network of 1 to <paramref name="depth"/> hidden layers of 2 to <paramref name="width"/> neurons.</summary>
    public static Network<double> Draw(ulong seed, int depth, int width)
    {
        var stream = new RandomStream(seed, purpose: Choices);
        var inputs = 2 + stream.NextInt32(3);
        var hidden = Enumerable.Range(0, 1 + stream.NextInt32(depth)).Select(_ => 2 + stream.NextInt32(width - 1)).ToArray();
        Activation[] activations = [Activation.ReLU, Activation.ReLU, Activation.LeakyReLU(0.2), Activation.Abs];
        double[] biases = [0, 0.1, 1];
        var model = Model.Dense(
            [inputs, .. hidden, 2],
            activations[stream.NextInt32(4)],
            (_, m, n) => Ensemble.Gaussian(m, n, 2.0 / n),
            biases[stream.NextInt32(3)],
            linearOutput: true);
        return model.Sample<double>(seed);
    }

    /// <summary>Independent standard Gaussian entries.</summary>
    public static Vector<double> Point(ulong seed, int number, int size)
    {
        var values = new double[size];
        new RandomStream(seed, replicate: (ulong)number, purpose: Points).FillGaussian<double>(values);
        return Vector<double>.Build.Dense(values);
    }
}
