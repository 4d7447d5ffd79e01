using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Randomness;

namespace StableRank.Tests.Kernels;

/// <summary>Dense models of random depths, widths, gains, activations and biases, with inputs for them.</summary>
internal sealed class RandomModels(ulong seed)
{
    private readonly RandomStream _stream = new(seed, 5151);

    public int Integer(int from, int to) => from + (int)(_stream.NextDouble() * (to - from + 1));

    public double Uniform(double from, double to) => from + (to - from) * _stream.NextDouble();

    public Matrix<double> Inputs(int features, int samples)
    {
        var values = new double[features * samples];
        _stream.FillGaussian<double>(values);
        return Matrix<double>.Build.Dense(features, samples, values);
    }

    public Model Dense(string[] activations, int depth)
    {
        var widths = Enumerable.Range(0, depth + 1).Select(_ => Integer(2, 9)).ToArray();
        return new Model(Enumerable.Range(1, depth).Select(l => new DenseSpecification(
            Ensemble.Gaussian(widths[l], widths[l - 1], Uniform(0.5, 2.5) / widths[l - 1]),
            Activation.Parse(activations[Integer(0, activations.Length - 1)]),
            Integer(0, 1) == 0 ? 0 : Uniform(0.01, 0.5))));
    }
}
