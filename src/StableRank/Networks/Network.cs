using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// A feed-forward network: given weights, no randomness left. Batches hold one sample a column, of layer l's width n_l.
/// </summary>
/// <remarks>
/// <para>
/// Parameters are named as in the state dict of the torch.nn.Sequential of the same modules, where an activation other than linear takes a
/// position of its own, and so do the Flatten between a convolution and a dense layer and the AdaptiveAvgPool before that of a pooled one:
/// the weights of dense 784-512-10 with a ReLU between are "0.weight" and "2.weight". Recurrent layers one after the other are one
/// torch.nn.RNN, which takes one position and is called "rnn" ("rnn2" for a second run of them): "rnn.weight_ih_l0", "rnn.weight_hh_l0",
/// "rnn.bias_ih_l0".
/// </para>
/// <para>
/// One network may run forward passes on several threads, each with a pass of its own; a backward pass writes the gradients of the
/// parameters, of which there is one set.
/// </para>
/// </remarks>
/// <typeparam name="T">double or float.</typeparam>
public sealed class Network<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Layer<T>[] _layers;

    /// <summary>Makes a network of the given layers, first layer first.</summary>
    /// <exception cref="ArgumentException">
    /// There is no layer, one stands twice, or one does not fit the one below: other sizes, images of other shapes, other time steps.
    /// </exception>
    public Network(IEnumerable<Layer<T>> layers)
    {
        _layers = LayerChain.Of(layers);
        for (var l = 0; l < _layers.Length; l++)
        {
            if (Array.IndexOf(_layers, _layers[l]) < l)
            {
                throw new ArgumentException(
                    $"Layer {l + 1} is the very object of layer {Array.IndexOf(_layers, _layers[l]) + 1}; expected layers of their own.",
                    nameof(layers));
            }
        }

        Parameters = ParameterNames.Of(_layers);
    }

    /// <summary>The layers, first layer first.</summary>
    public IReadOnlyList<Layer<T>> Layers => _layers;

    /// <summary>The parameters of all layers, first layer first, under the names described above.</summary>
    public IReadOnlyList<Parameter<T>> Parameters { get; }

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
        ForwardChecked(inputs, reuse);
    }

    /// <summary>The same for inputs of n_0 rows that are known to be finite.</summary>
    internal void ForwardChecked(Matrix<T> inputs, ForwardPass<T> reuse)
    {
        reuse.Require(_layers, inputs.ColumnCount);
        var batch = inputs.ColumnCount;
        var current = inputs.AsColumnMajorArray() ?? inputs.ToColumnMajorArray();
        reuse.Inputs = inputs;
        reuse.InputArray = current;
        for (var l = 0; l < _layers.Length; l++)
        {
            _layers[l].Forward(current, batch, reuse.Pre[l], reuse.Post[l], reuse.Workspace);
            current = reuse.Post[l];
        }
    }

    /// <summary>Sends the gradient of a loss at the outputs back through the network.</summary>
    /// <param name="pass">The last forward pass of the batch: weights and inputs are those of it.</param>
    /// <param name="outputGradient">dL/dX_L, n_L x batch.</param>
    /// <param name="reuse">A backward pass of this network and batch size, overwritten; left out: a new one.</param>
    /// <returns><paramref name="reuse"/> or the new pass; the gradients of the parameters are in <see cref="Parameters"/>.</returns>
    /// <exception cref="ArgumentException">The gradient or the passes have other shapes.</exception>
    public BackwardPass<T> Backward(ForwardPass<T> pass, Matrix<T> outputGradient, BackwardPass<T>? reuse = null)
    {
        ArgumentNullException.ThrowIfNull(pass);
        ArgumentNullException.ThrowIfNull(outputGradient);
        if (outputGradient.RowCount != OutputSize || outputGradient.ColumnCount != pass.Batch)
        {
            throw new ArgumentException(
                $"The output gradient is {outputGradient.RowCount} x {outputGradient.ColumnCount}; expected {OutputSize} x {pass.Batch}.",
                nameof(outputGradient));
        }

        return Backward(pass, outputGradient.AsColumnMajorArray() ?? outputGradient.ToColumnMajorArray(), reuse);
    }

    /// <summary>
    /// Sends the gradient of a loss at the outputs back through the network. Allocates nothing where a pass to reuse is given, once the
    /// parameters have their gradients.
    /// </summary>
    /// <param name="pass">The last forward pass of the batch: weights and inputs are those of it.</param>
    /// <param name="outputGradient">dL/dX_L, n_L batch numbers, one sample after the other.</param>
    /// <param name="reuse">A backward pass of this network and batch size, overwritten; left out: a new one.</param>
    /// <returns><paramref name="reuse"/> or the new pass; the gradients of the parameters are in <see cref="Parameters"/>.</returns>
    /// <exception cref="ArgumentException">The gradient or the passes have other shapes.</exception>
    public BackwardPass<T> Backward(ForwardPass<T> pass, ReadOnlySpan<T> outputGradient, BackwardPass<T>? reuse = null)
    {
        ArgumentNullException.ThrowIfNull(pass);
        return Backward(pass, outputGradient, reuse, withGradients: true);
    }

    /// <summary>
    /// The same; without gradients, those of the weights that <see cref="Layer{T}.DescendInProduct"/> does without are left as they are.
    /// </summary>
    internal BackwardPass<T> Backward(ForwardPass<T> pass, ReadOnlySpan<T> outputGradient, BackwardPass<T>? reuse, bool withGradients)
    {
        var batch = pass.Batch;
        pass.Require(_layers, batch);
        if (outputGradient.Length != OutputSize * batch)
        {
            throw new ArgumentException(
                $"The output gradient has {outputGradient.Length} entries; expected {OutputSize} x {batch} = {OutputSize * batch}.",
                nameof(outputGradient));
        }

        var back = reuse ?? new BackwardPass<T>(this, batch);
        if (back.Network != this || back.Batch != batch)
        {
            throw new ArgumentException(
                $"The backward pass to reuse was made for {back.Batch} samples of "
                + $"{(back.Network == this ? "this" : "another")} network; expected {batch} of this one.",
                nameof(reuse));
        }

        back.Forward = pass;
        outputGradient.CopyTo(back.Signal[^1]);
        for (var l = _layers.Length - 1; l >= 0; l--)
        {
            var inputs = pass.InputsOf(l);
            var below = l > 0 ? back.Signal[l - 1] : back.AtInputs;
            if (withGradients)
            {
                _layers[l].Backward(inputs, batch, pass.Pre[l], pass.Post[l], back.Signal[l], below, back.Workspace);
            }
            else
            {
                _layers[l].BackwardSignal(inputs, batch, pass.Pre[l], pass.Post[l], back.Signal[l], below, back.Workspace);
            }
        }

        return back;
    }

    /// <summary>Writes the gradients that a backward pass without them left out.</summary>
    internal void WeightGradients(ForwardPass<T> pass, BackwardPass<T> back)
    {
        for (var l = 0; l < _layers.Length; l++)
        {
            _layers[l].WeightGradient(pass.InputsOf(l), pass.Batch, back.Signal[l]);
        }
    }

    /// <summary>
    /// A network over the very weights of this one, or over copies of them, with gradients of its own and full back-propagation through
    /// time.
    /// </summary>
    internal Network<T> WithOwnGradients(bool copyWeights = false) =>
        new(_layers.Select(layer => layer.WithOwnGradients(copyWeights)));
}
