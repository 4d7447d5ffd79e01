using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// One layer of a network: an affine map of its input followed by an activation, on batches of one sample a column. A sample is a flat
/// column whatever its shape (images channel by channel and row by row, sequences time step by time step), so that no layer is needed to
/// flatten it.
/// </summary>
/// <typeparam name="T">double or float.</typeparam>
public abstract class Layer<T>
    where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
{
    private protected Layer(Parameter<T> weight, Parameter<T>? bias, Activation activation, params Parameter<T>[] others)
    {
        Precision.Require<T>();
        Weight = weight;
        BiasParameter = bias;
        Activation = activation;
        Parameters = bias is null ? [weight, .. others] : [weight, .. others, bias];
        Bias = bias is null ? null : Vector<T>.Build.Dense(bias.Values);
    }

    /// <summary>The activation phi.</summary>
    public Activation Activation { get; }

    /// <summary>
    /// The weights that meet the input: W of a dense layer, the kernel as out x (in k k) of a convolution, U of a recurrent layer. Changes
    /// to it change the layer.
    /// </summary>
    public Matrix<T> Weights => Weight.Matrix;

    /// <summary>b, or null where the layer has none: changes to it change the layer.</summary>
    public Vector<T>? Bias { get; }

    /// <summary>Weights, then the bias where there is one, under their local names.</summary>
    public IReadOnlyList<Parameter<T>> Parameters { get; }

    /// <summary>The rows of a batch that goes in.</summary>
    public abstract int InputSize { get; }

    /// <summary>The rows of a batch that comes out.</summary>
    public abstract int OutputSize { get; }

    /// <summary>The parameter of <see cref="Weights"/>.</summary>
    internal Parameter<T> Weight { get; }

    /// <summary>The parameter of <see cref="Bias"/>.</summary>
    internal Parameter<T>? BiasParameter { get; }

    /// <summary>The elements of workspace that <see cref="Forward"/> needs.</summary>
    internal virtual int ForwardWorkspace(int batch) => 0;

    /// <summary>The elements of workspace that <see cref="Backward"/> needs.</summary>
    internal virtual int BackwardWorkspace(int batch) => 0;

    /// <summary>Pre-activations Z and post-activations phi(Z) of a batch; on a linear layer the two spans are one.</summary>
    internal abstract void Forward(ReadOnlySpan<T> inputs, int batch, Span<T> pre, Span<T> post, Span<T> workspace);

    /// <summary>
    /// Turns the gradient at the post-activations in <paramref name="signal"/> into Delta, the gradient at the pre-activations, writes the
    /// gradients of the parameters and, unless that span is empty, the gradient at the inputs.
    /// </summary>
    internal abstract void Backward(
        ReadOnlySpan<T> inputs, int batch, ReadOnlySpan<T> pre, ReadOnlySpan<T> post, Span<T> signal, Span<T> inputGradient,
        Span<T> workspace);

    /// <summary>
    /// The same without the gradient of the weights where <see cref="DescendInProduct"/> does without it; <see cref="WeightGradient"/>
    /// makes up for it.
    /// </summary>
    internal virtual void BackwardSignal(
        ReadOnlySpan<T> inputs, int batch, ReadOnlySpan<T> pre, ReadOnlySpan<T> post, Span<T> signal, Span<T> inputGradient,
        Span<T> workspace) =>
        Backward(inputs, batch, pre, post, signal, inputGradient, workspace);

    /// <summary>Writes the gradient of the weights that <see cref="BackwardSignal"/> left out, from X and Delta.</summary>
    internal virtual void WeightGradient(ReadOnlySpan<T> inputs, int batch, ReadOnlySpan<T> signal)
    {
    }

    /// <summary>
    /// w = w - rate g of the weights in the very product that forms their gradient, after <see cref="Backward"/> or
    /// <see cref="BackwardSignal"/>, with the same bits after either; the other parameters are left to the optimiser.
    /// </summary>
    /// <param name="inputs">X.</param>
    /// <param name="batch">The samples.</param>
    /// <param name="signal">Delta.</param>
    /// <param name="rate">The learning rate.</param>
    /// <returns>The parameter that was moved; null where the layer has no such product.</returns>
    internal virtual Parameter<T>? DescendInProduct(ReadOnlySpan<T> inputs, int batch, ReadOnlySpan<T> signal, T rate) => null;

    /// <summary>Operations of a forward pass of one sample: 2 for each entry of the weights and each place that it is used at.</summary>
    internal abstract double ForwardFlops { get; }

    /// <summary>
    /// A layer over the very weights of this one, or over copies of them, with gradients of its own, so that derivatives can be taken
    /// beside training; one that truncates back-propagation has the full one there.
    /// </summary>
    internal abstract Layer<T> WithOwnGradients(bool copyWeights);

    /// <summary>
    /// The gradients of the parameters by one sample, in the order of <see cref="Parameters"/> one after the other.
    /// </summary>
    /// <param name="input">The sample's input.</param>
    /// <param name="post">Its phi(Z).</param>
    /// <param name="signal">Its Delta.</param>
    /// <param name="gradient">The gradients, overwritten.</param>
    /// <param name="workspace">That of <see cref="Backward"/> for a batch of 1.</param>
    internal abstract void SampleGradient(
        ReadOnlySpan<T> input, ReadOnlySpan<T> post, ReadOnlySpan<T> signal, Span<T> gradient, Span<T> workspace);

    /// <summary>
    /// Forward mode: the derivative of phi(Z) along a direction of parameters and inputs, at a batch that <see cref="Forward"/> has seen.
    /// </summary>
    /// <param name="direction">One array a parameter, in the order of <see cref="Parameters"/>.</param>
    /// <param name="inputs">X.</param>
    /// <param name="inputTangent">dX, or empty for 0.</param>
    /// <param name="batch">The samples.</param>
    /// <param name="pre">Z.</param>
    /// <param name="post">phi(Z).</param>
    /// <param name="tangent">d phi(Z), overwritten.</param>
    /// <param name="workspace">That of <see cref="Forward"/>.</param>
    internal abstract void Tangent(
        ReadOnlySpan<T[]> direction, ReadOnlySpan<T> inputs, ReadOnlySpan<T> inputTangent, int batch, ReadOnlySpan<T> pre,
        ReadOnlySpan<T> post, Span<T> tangent, Span<T> workspace);

    /// <summary>Copies of a bias that has been checked, or null.</summary>
    private protected static T[]? CheckedBias(Vector<T>? bias, int rows, string rowsOf)
    {
        if (bias is null)
        {
            return null;
        }

        if (bias.Count != rows)
        {
            throw new ArgumentException(
                $"The bias has {bias.Count} entries but {rowsOf} has {rows} rows; expected the same number.", nameof(bias));
        }

        for (var i = 0; i < bias.Count; i++)
        {
            if (!T.IsFinite(bias[i]))
            {
                throw new ArgumentException($"Entry {i} of the bias is {bias[i]}; expected finite numbers.", nameof(bias));
            }
        }

        return bias.ToArray();
    }

    /// <summary>The values of a parameter, or a copy of them.</summary>
    private protected static T[] ValuesOf(Parameter<T> parameter, bool copy) => copy ? [.. parameter.Values] : parameter.Values;

    /// <summary>The same of the bias; null where there is none.</summary>
    private protected T[]? BiasValues(bool copy) => BiasParameter is null ? null : ValuesOf(BiasParameter, copy);

    private protected static Parameter<T>? BiasOf(T[]? values, string name = "bias") =>
        values is null ? null : new Parameter<T>(name, values.Length, 1, values, [values.Length]);
}
