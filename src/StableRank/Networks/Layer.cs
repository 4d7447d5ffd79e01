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

    private protected static Parameter<T>? BiasOf(T[]? values, string name = "bias") =>
        values is null ? null : new Parameter<T>(name, values.Length, 1, values, [values.Length]);
}
