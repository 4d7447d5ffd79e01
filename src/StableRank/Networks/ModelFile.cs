using StableRank.Data;
using StableRank.Ensembles;

namespace StableRank.Networks;

/// <summary>
/// Architectures in JSON files: the layers of a model of any kind, without their weights. It is of use wherever a model is wanted that a
/// list of widths does not describe, and so stands here and not in the tool.
/// </summary>
/// <remarks>
/// <para>
/// One object with <c>input</c> and <c>layers</c>, first layer first; other keys are errors. Sizes are whole numbers; what a layer takes is
/// what the one below gives:
/// </para>
/// <code>
/// {
///   "input": {"channels": 1, "height": 28, "width": 28},
///   "layers": [
///     {"type": "convolution", "channels": 8, "kernel": 3, "stride": 2, "padding": 1, "activation": "relu", "bias": true},
///     {"type": "pooled", "width": 32, "activation": "relu"},
///     {"type": "dense", "width": 10}
///   ]
/// }
/// </code>
/// <para>
/// <c>input</c>: a number of features, or one of {features}, {steps, features}, {channels, length}, {channels, height, width}. A layer has
/// <c>type</c>, <c>activation</c> (a name of <see cref="Activation.Parse"/>; left out: linear), <c>bias</c> (left out: false), and by type:
/// dense and pooled (global average pooling and a dense layer on it): <c>width</c>; elman: <c>width</c>, <c>truncation</c> (left out: all
/// steps); convolution: <c>channels</c>, <c>kernel</c>, <c>stride</c>, <c>padding</c>, <c>dilation</c>, each one number for both axes or
/// [vertical, horizontal]. Any layer may have an <c>input</c> of the forms above: the same entries, read as that shape.
/// </para>
/// </remarks>
public static class ModelFile
{
    /// <summary>Reads a model.</summary>
    /// <param name="path">The JSON file.</param>
    /// <param name="weights">
    /// The ensemble of each layer's weights; a recurrent layer asks for that of U and then, of the same layer, for that of V. Null:
    /// independent Gaussians of variance 1/columns.
    /// </param>
    /// <param name="biasVariance">Variance of the biases of the layers that have them; positive.</param>
    /// <exception cref="DataFormatException">
    /// The file is no such JSON, nested too deep, or has a key, value or layer that does not belong there; the message has the offset, the
    /// value and what was expected.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The variance is not positive and finite.</exception>
    /// <exception cref="ArgumentException">An ensemble has not the shape asked for.</exception>
    public static Model Load(string path, EnsembleFactory? weights = null, double biasVariance = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!double.IsFinite(biasVariance) || biasVariance <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(biasVariance), biasVariance, "The bias variance must be finite and positive.");
        }

        var root = ModelFileValue.Read(path);
        return new ModelFileReader(weights ?? ((_, rows, columns) => Ensemble.LeCun(rows, columns)), biasVariance).Read(root);
    }
}
