using System.Numerics;
using System.Numerics.Tensors;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Kernels;

/// <summary>
/// Activations and signals of a network of dense layers, theory (5.2): forward once for each sample, backward with one column an output.
/// The top layer's signals are slopes times unit vectors, so that neither they nor their product with W_L are multiplied out.
/// </summary>
internal static class DenseFactors
{
    /// <param name="network">Dense layers only.</param>
    /// <param name="multipliers">eta, one an array of parameters.</param>
    /// <param name="inputs">n_0 x count, column-major.</param>
    /// <param name="count">The samples of the block.</param>
    public static JacobianFactors<T> Of<T>(Network<T> network, IReadOnlyList<double> multipliers, ReadOnlySpan<T> inputs, int count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var depth = network.Layers.Count;
        var outputs = network.OutputSize;
        var factors = new JacobianFactors<T>(count, outputs);
        var widest = network.Layers.Max(layer => layer.OutputSize);
        using var pre = new Rented<T>(checked(widest * count));

        var activations = new T[depth][];
        var slopes = new T[depth][];
        activations[0] = factors.Rent((long)network.InputSize * count);
        inputs.CopyTo(activations[0]);
        for (var l = 0; l < depth; l++)
        {
            var layer = network.Layers[l];
            var linear = layer.Activation == Activation.Linear;
            var length = checked(layer.OutputSize * count);
            slopes[l] = linear ? [] : factors.Rent(length);
            if (l == depth - 1 && linear)
            {
                break;
            }

            var post = factors.Rent(length);
            var z = pre.Span[..length];
            var a = post.AsSpan(0, length);
            DenseKernel.Multiply(layer.Weight.Values, layer.OutputSize, layer.InputSize, activations[l], count, z);
            DenseKernel.AddBiasAndActivate(layer.BiasParameter?.Values, layer.Activation, layer.OutputSize, z, a);
            if (!linear)
            {
                var slope = slopes[l].AsSpan(0, length);
                slope.Fill(T.One);
                layer.Activation.Backpropagate(z, a, slope);
            }

            if (l < depth - 1)
            {
                activations[l + 1] = post;
            }
        }

        var signals = new T[depth][];
        signals[^1] = slopes[^1];
        for (var l = depth - 2; l >= 0; l--)
        {
            var (layer, above) = (network.Layers[l], network.Layers[l + 1]);
            int n = layer.OutputSize, columns = checked(count * outputs);
            signals[l] = factors.Rent((long)n * columns);
            if (l == depth - 2)
            {
                FromTop(above, slopes[l + 1], slopes[l], signals[l].AsSpan(0, n * columns));
            }
            else
            {
                Blas.Gemm<T>(
                    Transpose.Yes, Transpose.No, n, columns, above.OutputSize, T.One, above.Weight.Values, above.OutputSize,
                    signals[l + 1], above.OutputSize, T.Zero, signals[l], n);
                Scale(slopes[l], n, outputs, signals[l].AsSpan(0, n * columns));
            }
        }

        var p = 0;
        for (var l = 0; l < depth; l++)
        {
            var layer = network.Layers[l];
            var weight = T.CreateTruncating(multipliers[p++]);
            var bias = layer.BiasParameter is null ? T.Zero : T.CreateTruncating(multipliers[p++]);
            factors.Parts.Add(new(
                signals[l], layer.OutputSize, activations[l], layer.InputSize, layer.InputSize, weight, bias, IsTop: l == depth - 1));
        }

        return factors;
    }

    /// <summary>Delta_(L-1): column (i, o) is row o of W_L times the slopes of sample i and the slope of its output o.</summary>
    private static void FromTop<T>(Layer<T> top, T[] topSlopes, T[] slopes, Span<T> signal)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int n = top.InputSize, outputs = top.OutputSize;
        using var rows = new Rented<T>(n * outputs);
        MatrixStorage.TransposeTo(top.Weights, rows.Span);
        for (var column = 0; column < signal.Length / n; column++)
        {
            var row = rows.Span.Slice(column % outputs * n, n);
            var target = signal.Slice(column * n, n);
            if (slopes.Length == 0)
            {
                row.CopyTo(target);
            }
            else
            {
                TensorPrimitives.Multiply(row, slopes.AsSpan(column / outputs * n, n), target);
            }

            if (topSlopes.Length > 0)
            {
                TensorPrimitives.Multiply(target, topSlopes[column], target);
            }
        }
    }

    /// <summary>Every column (i, o) times the slopes phi'(z) of sample i; none are 1.</summary>
    private static void Scale<T>(T[] slopes, int n, int outputs, Span<T> signal)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (slopes.Length == 0)
        {
            return;
        }

        for (var column = 0; column < signal.Length / n; column++)
        {
            var part = signal.Slice(column * n, n);
            TensorPrimitives.Multiply(part, slopes.AsSpan(column / outputs * n, n), part);
        }
    }
}
