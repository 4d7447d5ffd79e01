using System.Numerics;
using System.Numerics.Tensors;
using StableRank.Ensembles;

namespace StableRank.Networks;

/// <summary>The law of one dense layer x' = phi(W x + b): the ensemble of W, the activation phi, the variance of the biases.</summary>
public sealed record LayerSpecification
{
    /// <summary>Makes the specification of a dense layer.</summary>
    /// <param name="weights">The law of W, fan-out x fan-in.</param>
    /// <param name="activation">phi.</param>
    /// <param name="biasVariance">Variance of the independent, centred Gaussian biases; 0 (the default) for a layer without biases.</param>
    /// <exception cref="ArgumentOutOfRangeException">The variance is negative or not finite.</exception>
    public LayerSpecification(Ensemble weights, Activation activation, double biasVariance = 0)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(activation);
        if (!double.IsFinite(biasVariance) || biasVariance < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(biasVariance), biasVariance, "The bias variance must be finite and not negative.");
        }

        Weights = weights;
        Activation = activation;
        BiasVariance = biasVariance;
    }

    /// <summary>The law of W, fan-out x fan-in.</summary>
    public Ensemble Weights { get; }

    /// <summary>The activation phi.</summary>
    public Activation Activation { get; }

    /// <summary>The variance of the biases; 0 means that the layer has none.</summary>
    public double BiasVariance { get; }

    /// <summary>Fan-in: the rows of x.</summary>
    public int InputSize => Weights.Columns;

    /// <summary>Fan-out: the rows of x'.</summary>
    public int OutputSize => Weights.Rows;

    /// <summary>Whether the layer has biases.</summary>
    public bool HasBias => BiasVariance > 0;

    /// <summary>
    /// Draws the weights, column-major, and the biases (left alone where the layer has none) of layer <paramref name="layer"/>.
    /// </summary>
    internal void SampleInto<T>(Span<T> weights, Span<T> bias, ulong seed, int layer, ulong replicate)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Weights.Sample(weights, NetworkStreams.Weights(seed, layer, replicate));
        if (HasBias)
        {
            NetworkStreams.Biases(seed, layer, replicate).FillGaussian(bias);
            TensorPrimitives.Multiply(bias, T.CreateTruncating(Math.Sqrt(BiasVariance)), bias);
        }
    }
}
