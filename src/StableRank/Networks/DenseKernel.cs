using System.Numerics;
using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>The arithmetic of a dense layer on flat column-major arrays; nothing here allocates.</summary>
internal static class DenseKernel
{
    /// <summary>Z = W X, W of rows x columns, X of columns x batch.</summary>
    public static void Multiply<T>(ReadOnlySpan<T> weights, int rows, int columns, ReadOnlySpan<T> inputs, int batch, Span<T> pre)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Blas.Gemm(Transpose.No, Transpose.No, rows, batch, columns, T.One, weights, rows, inputs, columns, T.Zero, pre, rows);

    /// <summary>Z = Z + b for every column.</summary>
    /// <param name="bias">b, or empty for none.</param>
    /// <param name="rows">The length of a column.</param>
    /// <param name="pre">Z, changed in place.</param>
    public static void AddBias<T>(ReadOnlySpan<T> bias, int rows, Span<T> pre)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (bias.IsEmpty)
        {
            return;
        }

        for (var start = 0; start < pre.Length; start += rows)
        {
            TensorPrimitives.Add(pre.Slice(start, rows), bias, pre.Slice(start, rows));
        }
    }

    /// <summary>Z = Z + b for every column and A = phi(Z), a column at a time while it is in cache.</summary>
    /// <param name="bias">b, or empty for none.</param>
    /// <param name="activation">phi.</param>
    /// <param name="rows">The length of a column.</param>
    /// <param name="pre">Z, changed in place.</param>
    /// <param name="post">A; may be Z itself.</param>
    public static void AddBiasAndActivate<T>(ReadOnlySpan<T> bias, Activation activation, int rows, Span<T> pre, Span<T> post)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (bias.IsEmpty)
        {
            activation.Apply<T>(pre, post);
            return;
        }

        if (activation.IsPiecewiseLinear(out var slope))
        {
            SlopeSelection.AddBiasAndApply(bias, pre, post, T.CreateTruncating(slope));
            return;
        }

        for (var start = 0; start < pre.Length; start += rows)
        {
            var column = pre.Slice(start, rows);
            TensorPrimitives.Add(column, bias, column);
            activation.Apply<T>(column, post.Slice(start, rows));
        }
    }

    /// <summary>
    /// G becomes Delta = G o phi'(Z), and the sums of its rows are written, a column at a time while it is in cache.
    /// </summary>
    /// <param name="activation">phi.</param>
    /// <param name="rows">The length of a column.</param>
    /// <param name="pre">Z.</param>
    /// <param name="post">phi(Z).</param>
    /// <param name="signal">G, the gradient at phi(Z), changed in place.</param>
    /// <param name="sums">The sum of each row of Delta, or empty where it is not wanted.</param>
    public static void BackpropagateAndSum<T>(
        Activation activation, int rows, ReadOnlySpan<T> pre, ReadOnlySpan<T> post, Span<T> signal, Span<T> sums)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (sums.IsEmpty)
        {
            activation.Backpropagate(pre, post, signal);
            return;
        }

        sums.Clear();
        if (activation.IsPiecewiseLinear(out var slope))
        {
            SlopeSelection.BackpropagateAndSum(pre, signal, sums, T.CreateTruncating(slope));
            return;
        }

        for (var start = 0; start < signal.Length; start += rows)
        {
            var column = signal.Slice(start, rows);
            activation.Backpropagate(pre.Slice(start, rows), post.Slice(start, rows), column);
            TensorPrimitives.Add(sums, column, sums);
        }
    }

    /// <summary>The gradient of one sample: delta a^T, then delta where the layer has biases.</summary>
    /// <param name="signal">delta, m entries.</param>
    /// <param name="input">a, n entries.</param>
    /// <param name="hasBias">Whether the layer has biases.</param>
    /// <param name="gradient">m n entries, and m for the biases.</param>
    public static void SampleGradient<T>(ReadOnlySpan<T> signal, ReadOnlySpan<T> input, bool hasBias, Span<T> gradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var j = 0; j < input.Length; j++)
        {
            TensorPrimitives.Multiply(signal, input[j], gradient.Slice(j * signal.Length, signal.Length));
        }

        if (hasBias)
        {
            signal.CopyTo(gradient[(input.Length * signal.Length)..]);
        }
    }

    /// <summary>The sum of each row of a matrix of such columns.</summary>
    public static void SumColumns<T>(int rows, ReadOnlySpan<T> matrix, Span<T> sums)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        sums.Clear();
        for (var start = 0; start < matrix.Length; start += rows)
        {
            TensorPrimitives.Add(sums, matrix.Slice(start, rows), sums);
        }
    }
}
