using MathNet.Numerics.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Tests.Networks;

/// <summary>A network rounded to single precision.</summary>
internal static class SinglePrecision
{
    public static Network<float> Of(Network<double> network) => new(network.Layers.Select(Of));

    private static Layer<float> Of(Layer<double> layer) => layer switch
    {
        DenseLayer<double> => new DenseLayer<float>(Of(layer.Weights), Of(layer.Bias), layer.Activation),
        ConvolutionLayer<double> c => new ConvolutionLayer<float>(c.Shape, Of(c.Weights), Of(c.Bias), c.Activation),
        PooledDenseLayer<double> p => new PooledDenseLayer<float>(p.Positions, Of(p.Weights), Of(p.Bias), p.Activation),
        ElmanLayer<double> e =>
            new ElmanLayer<float>(e.Steps, Of(e.Weights), Of(e.RecurrentWeights), Of(e.Bias), e.Activation, e.Truncation),
        _ => throw new ArgumentException(layer.GetType().Name, nameof(layer)),
    };

    private static Matrix<float> Of(Matrix<double> matrix) => matrix.Map(v => (float)v);

    private static Vector<float>? Of(Vector<double>? vector) => vector?.Map(v => (float)v);
}
