using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>A fully connected layer x' = phi(W x + b), W of m x n (fan-out x fan-in), on batches of one sample a column.</summary>
/// <typeparam name="T">double or float.</typeparam>
public sealed class DenseLayer<T>
    where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
{
    private readonly T[] _weights;
    private readonly T[]? _bias;

    /// <summary>Makes a layer of copies of the given weights and biases.</summary>
    /// <param name="weights">W, m x n.</param>
    /// <param name="bias">b, m entries, or null for a layer without biases.</param>
    /// <param name="activation">phi.</param>
    /// <exception cref="ArgumentException">A weight or bias is not finite, or the bias has not m entries.</exception>
    public DenseLayer(Matrix<T> weights, Vector<T>? bias, Activation activation)
        : this(
            (weights ?? throw new ArgumentNullException(nameof(weights))).RowCount,
            weights.ColumnCount,
            weights.ToColumnMajorArray(),
            bias?.ToArray(),
            activation ?? throw new ArgumentNullException(nameof(activation)))
    {
        Precision.Require<T>();
        MatrixGuard.RequireFinite(weights, nameof(weights));
        if (bias is null)
        {
            return;
        }

        if (bias.Count != weights.RowCount)
        {
            throw new ArgumentException(
                $"The bias has {bias.Count} entries but W has {weights.RowCount} rows; expected the same number.", nameof(bias));
        }

        for (var i = 0; i < bias.Count; i++)
        {
            if (!T.IsFinite(bias[i]))
            {
                throw new ArgumentException($"Entry {i} of the bias is {bias[i]}; expected finite numbers.", nameof(bias));
            }
        }
    }

    /// <summary>Wraps column-major arrays without copying or checking.</summary>
    internal DenseLayer(int rows, int columns, T[] weights, T[]? bias, Activation activation)
    {
        _weights = weights;
        _bias = bias;
        Activation = activation;
        Weights = Matrix<T>.Build.Dense(rows, columns, weights);
        Bias = bias is null ? null : Vector<T>.Build.Dense(bias);
    }

    /// <summary>W, m x n: changes to it change the layer.</summary>
    public Matrix<T> Weights { get; }

    /// <summary>b, m entries, or null where the layer has none: changes to it change the layer.</summary>
    public Vector<T>? Bias { get; }

    /// <summary>The activation phi.</summary>
    public Activation Activation { get; }

    /// <summary>n, the fan-in: the rows of a batch that goes in.</summary>
    public int InputSize => Weights.ColumnCount;

    /// <summary>m, the fan-out: the rows of a batch that comes out.</summary>
    public int OutputSize => Weights.RowCount;

    /// <summary>Z = W X + b and phi(Z), for X of n x batch; <paramref name="post"/> may be <paramref name="pre"/>.</summary>
    internal void Forward(ReadOnlySpan<T> inputs, int batch, Span<T> pre, Span<T> post)
    {
        DenseKernel.Multiply(_weights, OutputSize, InputSize, inputs, batch, pre);
        DenseKernel.AddBiasAndActivate(_bias, Activation, OutputSize, pre, post);
    }
}
