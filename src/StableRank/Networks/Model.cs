using System.Numerics;

namespace StableRank.Networks;

/// <summary>
/// An architecture together with the laws of its weights: what a random network is drawn from. Layers are numbered l = 1, ..., L; layer l
/// maps R^(n_(l-1)) to R^(n_l).
/// </summary>
public sealed class Model
{
    private readonly LayerSpecification[] _layers;

    /// <summary>Makes a model of the given layers, first layer first.</summary>
    /// <exception cref="ArgumentException">
    /// There is no layer, or one does not fit the one below: other sizes, images of other shapes, other time steps; the message names both.
    /// </exception>
    public Model(IEnumerable<LayerSpecification> layers) => _layers = LayerChain.Of(layers);

    /// <summary>The layers, first layer first.</summary>
    public IReadOnlyList<LayerSpecification> Layers => _layers;

    /// <summary>The number of layers L.</summary>
    public int Depth => _layers.Length;

    /// <summary>Whether all layers are dense: what the theory of signal propagation is about.</summary>
    public bool IsDense => _layers.All(layer => layer is DenseSpecification);

    /// <summary>n_0: the number of features of an input.</summary>
    public int InputSize => _layers[0].InputSize;

    /// <summary>n_L: the number of entries of an output.</summary>
    public int OutputSize => _layers[^1].OutputSize;

    /// <summary>A fully connected model.</summary>
    /// <param name="widths">n_0, n_1, ..., n_L: the input's size, then every layer's; at least two of them, each positive.</param>
    /// <param name="activation">phi, applied on every layer, the last included unless <paramref name="linearOutput"/>.</param>
    /// <param name="weights">The ensemble of each layer.</param>
    /// <param name="biasVariance">The variance of the biases of every layer; 0 for none.</param>
    /// <param name="linearOutput">Whether the last layer has the linear activation instead of <paramref name="activation"/>.</param>
    /// <exception cref="ArgumentException">
    /// Fewer than two widths, one not positive, or an ensemble that has not the shape asked for.
    /// </exception>
    public static Model Dense(
        IReadOnlyList<int> widths, Activation activation, EnsembleFactory weights, double biasVariance = 0, bool linearOutput = false)
    {
        ArgumentNullException.ThrowIfNull(widths);
        ArgumentNullException.ThrowIfNull(activation);
        ArgumentNullException.ThrowIfNull(weights);
        if (widths.Count < 2)
        {
            throw new ArgumentException(
                $"A model needs at least two widths, the input's and a layer's; got {widths.Count}.", nameof(widths));
        }

        for (var l = 0; l < widths.Count; l++)
        {
            if (widths[l] < 1)
            {
                throw new ArgumentException($"Width {l} is {widths[l]}; expected at least 1.", nameof(widths));
            }
        }

        var layers = new LayerSpecification[widths.Count - 1];
        for (var l = 1; l < widths.Count; l++)
        {
            var ensemble = weights(l, widths[l], widths[l - 1])
                ?? throw new ArgumentException($"The ensemble of layer {l} is null.", nameof(weights));
            if (ensemble.Rows != widths[l] || ensemble.Columns != widths[l - 1])
            {
                throw new ArgumentException(
                    $"The ensemble of layer {l} is {ensemble.Rows} x {ensemble.Columns}; "
                    + $"expected {widths[l]} x {widths[l - 1]} (rows x columns).",
                    nameof(weights));
            }

            var phi = linearOutput && l == widths.Count - 1 ? Activation.Linear : activation;
            layers[l - 1] = new DenseSpecification(ensemble, phi, biasVariance);
        }

        return new Model(layers);
    }

    /// <summary>
    /// Draws a network: layer l's weights from the random stream (seed, layer l, replicate), recurrent weights and biases from streams
    /// of their own. The same arguments give the same numbers, whatever was drawn before and on whatever thread.
    /// </summary>
    /// <typeparam name="T">double or float.</typeparam>
    public Network<T> Sample<T>(ulong seed, ulong replicate = 0)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Precision.Require<T>();
        return new Network<T>(_layers.Select((layer, l) => layer.Draw<T>(seed, l + 1, replicate)));
    }

    /// <exception cref="ArgumentException">A layer is not dense.</exception>
    internal void RequireDense()
    {
        for (var l = 0; l < _layers.Length; l++)
        {
            if (_layers[l] is not DenseSpecification)
            {
                throw new ArgumentException(
                    $"Layer {l + 1} of the model is not dense but {_layers[l].GetType().Name}; expected dense layers only.", "model");
            }
        }
    }
}
