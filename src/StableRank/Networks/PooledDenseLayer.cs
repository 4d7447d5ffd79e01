using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// Global average pooling and a fully connected layer on it: x' = phi(W a + b), a_c the mean of channel c over the positions of an image.
/// A sample is a flat column, channel by channel, as a convolution gives it. In PyTorch: AdaptiveAvgPool, Flatten, Linear.
/// </summary>
/// <typeparam name="T">double or float.</typeparam>
public sealed class PooledDenseLayer<T> : Layer<T>
    where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
{
    /// <summary>Makes a layer of copies of the given weights and biases.</summary>
    /// <param name="positions">The positions of a channel, at least 1.</param>
    /// <param name="weights">W, m x channels.</param>
    /// <param name="bias">b, m entries, or null for a layer without biases.</param>
    /// <param name="activation">phi.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no position.</exception>
    /// <exception cref="ArgumentException">A weight or bias is not finite, or the bias has not m entries.</exception>
    public PooledDenseLayer(int positions, Matrix<T> weights, Vector<T>? bias, Activation activation)
        : this(
            positions,
            (weights ?? throw new ArgumentNullException(nameof(weights))).RowCount,
            weights.ColumnCount,
            weights.ToColumnMajorArray(),
            CheckedBias(bias, weights.RowCount, "W"),
            activation ?? throw new ArgumentNullException(nameof(activation)))
    {
        MatrixGuard.RequireFinite(weights, nameof(weights));
    }

    /// <summary>Wraps column-major arrays without copying or checking.</summary>
    internal PooledDenseLayer(int positions, int rows, int columns, T[] weights, T[]? bias, Activation activation)
        : base(new Parameter<T>("weight", rows, columns, weights, [rows, columns]), BiasOf(bias), activation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(positions, 1);
        Positions = positions;
        InputSize = checked(positions * columns);
    }

    /// <summary>The positions of a channel.</summary>
    public int Positions { get; }

    /// <summary>The channels: the fan-in of W.</summary>
    public int Channels => Weight.Columns;

    /// <summary>Channels times positions.</summary>
    public override int InputSize { get; }

    /// <summary>m.</summary>
    public override int OutputSize => Weight.Rows;

    internal override int ForwardWorkspace(int batch) => checked(Channels * batch);

    internal override int BackwardWorkspace(int batch) => checked(Channels * batch);

    /// <summary>Z = W A + b and phi(Z), A the means of X.</summary>
    internal override void Forward(ReadOnlySpan<T> inputs, int batch, Span<T> pre, Span<T> post, Span<T> workspace)
    {
        var means = workspace[..(Channels * batch)];
        Pool(inputs, means);
        DenseKernel.Multiply(Weight.Values, OutputSize, Channels, means, batch, pre);
        DenseKernel.AddBiasAndActivate(BiasParameter?.Values, Activation, OutputSize, pre, post);
    }

    /// <summary>Delta = G o phi'(Z), dL/dW = Delta A^T, dL/db = Delta 1, dL/dX = W^T Delta/positions at every position.</summary>
    internal override void Backward(
        ReadOnlySpan<T> inputs, int batch, ReadOnlySpan<T> pre, ReadOnlySpan<T> post, Span<T> signal, Span<T> inputGradient,
        Span<T> workspace)
    {
        int m = OutputSize, n = Channels;
        var means = workspace[..(n * batch)];
        Pool(inputs, means);
        DenseKernel.BackpropagateAndSum(Activation, m, pre, post, signal, BiasParameter?.Gradient);
        Blas.Gemm<T>(Transpose.No, Transpose.Yes, m, n, batch, T.One, signal, m, means, n, T.Zero, Weight.Gradient, m);
        if (inputGradient.IsEmpty)
        {
            return;
        }

        var share = T.One / T.CreateChecked(Positions);
        Blas.Gemm<T>(Transpose.Yes, Transpose.No, n, batch, m, share, Weight.Values, m, signal, m, T.Zero, means, n);
        for (var i = 0; i < means.Length; i++)
        {
            inputGradient.Slice(i * Positions, Positions).Fill(means[i]);
        }
    }

    internal override double ForwardFlops => 2.0 * Weight.Values.Length;

    internal override Layer<T> WithOwnGradients(bool copyWeights) => new PooledDenseLayer<T>(
        Positions, OutputSize, Channels, ValuesOf(Weight, copyWeights), BiasValues(copyWeights), Activation);

    /// <summary>delta a^T, then delta.</summary>
    internal override void SampleGradient(
        ReadOnlySpan<T> input, ReadOnlySpan<T> post, ReadOnlySpan<T> signal, Span<T> gradient, Span<T> workspace)
    {
        var means = workspace[..Channels];
        Pool(input, means);
        DenseKernel.SampleGradient<T>(signal, means, BiasParameter is not null, gradient);
    }

    /// <summary>dZ = dW A + db + W dA, times phi'(Z).</summary>
    internal override void Tangent(
        ReadOnlySpan<T[]> direction, ReadOnlySpan<T> inputs, ReadOnlySpan<T> inputTangent, int batch, ReadOnlySpan<T> pre,
        ReadOnlySpan<T> post, Span<T> tangent, Span<T> workspace)
    {
        int m = OutputSize, n = Channels;
        var means = workspace[..(n * batch)];
        Pool(inputs, means);
        DenseKernel.Multiply(direction[0], m, n, means, batch, tangent);
        if (!inputTangent.IsEmpty)
        {
            Pool(inputTangent, means);
            Blas.Gemm<T>(Transpose.No, Transpose.No, m, batch, n, T.One, Weight.Values, m, means, n, T.One, tangent, m);
        }

        if (BiasParameter is not null)
        {
            DenseKernel.AddBias(direction[^1], m, tangent);
        }

        Activation.Backpropagate(pre, post, tangent);
    }

    private void Pool(ReadOnlySpan<T> inputs, Span<T> means)
    {
        var positions = T.CreateChecked(Positions);
        for (var i = 0; i < means.Length; i++)
        {
            means[i] = TensorPrimitives.Sum(inputs.Slice(i * Positions, Positions)) / positions;
        }
    }
}
