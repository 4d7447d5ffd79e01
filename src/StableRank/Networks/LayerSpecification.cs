using System.Numerics;
using System.Numerics.Tensors;
using StableRank.Ensembles;

namespace StableRank.Networks;

/// <summary>The law of one layer: the ensemble of its weights, the activation phi, the variance of the biases.</summary>
public abstract record LayerSpecification
{
    /// <exception cref="ArgumentOutOfRangeException">The variance is negative or not finite.</exception>
    private protected LayerSpecification(Ensemble weights, Activation activation, double biasVariance)
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

    /// <summary>
    /// The law of the weights that meet the input: W of a dense layer, the kernel as out x (in k k) of a convolution, U of a recurrent one.
    /// </summary>
    public Ensemble Weights { get; }

    /// <summary>The activation phi.</summary>
    public Activation Activation { get; }

    /// <summary>The variance of the independent, centred Gaussian biases; 0 means that the layer has none.</summary>
    public double BiasVariance { get; }

    /// <summary>The rows of a batch that goes in.</summary>
    public abstract int InputSize { get; }

    /// <summary>The rows of a batch that comes out.</summary>
    public abstract int OutputSize { get; }

    /// <summary>Whether the layer has biases.</summary>
    public bool HasBias => BiasVariance > 0;

    /// <summary>
    /// Draws the weights, column-major, and the biases, one a row of them (left alone where the layer has none), of layer number
    /// <paramref name="layer"/>.
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

    /// <summary>Draws layer number <paramref name="layer"/> of the network of a seed and replicate.</summary>
    internal abstract Layer<T> Draw<T>(ulong seed, int layer, ulong replicate)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>New arrays, drawn by <see cref="SampleInto"/>; no biases where the layer has none.</summary>
    private protected (T[] Weights, T[]? Bias) DrawArrays<T>(ulong seed, int layer, ulong replicate)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var weights = new T[checked(Weights.Rows * Weights.Columns)];
        var bias = HasBias ? new T[Weights.Rows] : null;
        SampleInto<T>(weights, bias, seed, layer, replicate);
        return (weights, bias);
    }
}
