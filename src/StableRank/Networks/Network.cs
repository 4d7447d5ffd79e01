using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>A feed-forward network: given weights, no randomness left. Batches hold one sample a column.</summary>
/// <typeparam name="T">double or float.</typeparam>
public sealed class Network<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly DenseLayer<T>[] _layers;

    /// <summary>Makes a network of the given layers, first layer first.</summary>
    /// <exception cref="ArgumentException">
    /// There is no layer, or a layer's fan-in is not the fan-out of the one below; the message names both.
    /// </exception>
    public Network(IEnumerable<DenseLayer<T>> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        _layers = [.. layers];
        if (_layers.Length == 0)
        {
            throw new ArgumentException("A network needs at least one layer.", nameof(layers));
        }

        for (var l = 0; l < _layers.Length; l++)
        {
            if (_layers[l] is null)
            {
                throw new ArgumentException($"Layer {l + 1} is null.", nameof(layers));
            }

            if (l > 0 && _layers[l].InputSize != _layers[l - 1].OutputSize)
            {
                throw new ArgumentException(
                    $"Layer {l + 1} takes {_layers[l].InputSize} inputs but layer {l} gives {_layers[l - 1].OutputSize} outputs; "
                    + "expected the same number.",
                    nameof(layers));
            }
        }
    }

    /// <summary>The layers, first layer first.</summary>
    public IReadOnlyList<DenseLayer<T>> Layers => _layers;

    /// <summary>n_0: the number of features of an input.</summary>
    public int InputSize => _layers[0].InputSize;

    /// <summary>n_L: the number of entries of an output.</summary>
    public int OutputSize => _layers[^1].OutputSize;

    /// <summary>Runs a batch through the network and keeps every layer's pre- and post-activations.</summary>
    /// <param name="inputs">n_0 x batch, one sample a column.</param>
    /// <exception cref="ArgumentException">The rows are not n_0, or an entry is not finite (the message names it).</exception>
    public ForwardPass<T> Forward(Matrix<T> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var pass = new ForwardPass<T>(this, inputs.ColumnCount);
        Forward(inputs, pass);
        return pass;
    }

    /// <summary>
    /// Runs a batch through the network into the matrices of an earlier pass. Allocates nothing where <paramref name="inputs"/> is a dense
    /// matrix (another storage is copied first).
    /// </summary>
    /// <param name="inputs">n_0 x batch, one sample a column.</param>
    /// <param name="reuse">A pass made for the same widths and batch size; what it held is overwritten.</param>
    /// <exception cref="ArgumentException">
    /// The rows are not n_0, an entry is not finite (the message names it), or the pass has other shapes.
    /// </exception>
    public void Forward(Matrix<T> inputs, ForwardPass<T> reuse)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(reuse);
        if (inputs.RowCount != InputSize)
        {
            throw new ArgumentException(
                $"The inputs are {inputs.RowCount} x {inputs.ColumnCount} but the network takes {InputSize} features; "
                + $"expected {InputSize} rows, one sample a column.",
                nameof(inputs));
        }

        MatrixGuard.RequireFinite(inputs, nameof(inputs));
        reuse.Require(_layers, inputs.ColumnCount);
        var batch = inputs.ColumnCount;
        var current = inputs.AsColumnMajorArray() ?? inputs.ToColumnMajorArray();
        reuse.Inputs = inputs;
        for (var l = 0; l < _layers.Length; l++)
        {
            _layers[l].Forward(current, batch, reuse.Pre[l], reuse.Post[l]);
            current = reuse.Post[l];
        }
    }
}
