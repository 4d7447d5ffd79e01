using StableRank.Ensembles;

namespace StableRank.Networks;

/// <summary>The law of one dense layer on the means of each channel over an image: x' = phi(W a + b), global average pooling.</summary>
public sealed record PooledDenseSpecification : LayerSpecification
{
    /// <summary>Makes the specification of global average pooling and a dense layer on it.</summary>
    /// <param name="positions">The positions of a channel, at least 1.</param>
    /// <param name="weights">The law of W, m x channels.</param>
    /// <param name="activation">phi.</param>
    /// <param name="biasVariance">Variance of the independent, centred Gaussian biases; 0 for a layer without biases.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no position, or the variance is negative or not finite.</exception>
    public PooledDenseSpecification(int positions, Ensemble weights, Activation activation, double biasVariance = 0)
        : base(weights, activation, biasVariance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(positions, 1);
        Positions = positions;
        InputSize = checked(positions * weights.Columns);
    }

    /// <summary>The positions of a channel.</summary>
    public int Positions { get; }

    /// <summary>Channels times positions.</summary>
    public override int InputSize { get; }

    /// <summary>m.</summary>
    public override int OutputSize => Weights.Rows;

    internal override Layer<T> Draw<T>(ulong seed, int layer, ulong replicate)
    {
        var (weights, bias) = DrawArrays<T>(seed, layer, replicate);
        return new PooledDenseLayer<T>(Positions, OutputSize, Weights.Columns, weights, bias, Activation);
    }
}
