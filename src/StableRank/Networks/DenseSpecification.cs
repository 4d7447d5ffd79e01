using StableRank.Ensembles;

namespace StableRank.Networks;

/// <summary>The law of one dense layer x' = phi(W x + b).</summary>
public sealed record DenseSpecification : LayerSpecification
{
    /// <summary>Makes the specification of a dense layer.</summary>
    /// <param name="weights">The law of W, fan-out x fan-in.</param>
    /// <param name="activation">phi.</param>
    /// <param name="biasVariance">Variance of the independent, centred Gaussian biases; 0 (the default) for a layer without biases.</param>
    /// <exception cref="ArgumentOutOfRangeException">The variance is negative or not finite.</exception>
    public DenseSpecification(Ensemble weights, Activation activation, double biasVariance = 0)
        : base(weights, activation, biasVariance)
    {
    }

    /// <summary>Fan-in: the rows of x.</summary>
    public override int InputSize => Weights.Columns;

    /// <summary>Fan-out: the rows of x'.</summary>
    public override int OutputSize => Weights.Rows;

    internal override Layer<T> Draw<T>(ulong seed, int layer, ulong replicate)
    {
        var (weights, bias) = DrawArrays<T>(seed, layer, replicate);
        return new DenseLayer<T>(OutputSize, InputSize, weights, bias, Activation);
    }
}
