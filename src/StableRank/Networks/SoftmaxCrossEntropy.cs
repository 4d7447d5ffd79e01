using System.Numerics;
using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// L = 1/N sum_j sum_c y_cj (log sum_d exp f_dj - f_cj), dL/df = (softmax(f) sum_c y_c - y)/N. The largest output of a sample is taken off
/// before any exponential, so that nothing overflows.
/// </summary>
internal sealed class SoftmaxCrossEntropy : Loss
{
    public override string Name => "cross-entropy";

    private protected override double OfTargets<T>(ReadOnlySpan<T> outputs, int rows, ReadOnlySpan<T> targets, Span<T> gradient)
    {
        Exponentials(outputs, rows, gradient);
        var samples = outputs.Length / rows;
        var loss = 0.0;
        for (var start = 0; start < outputs.Length; start += rows)
        {
            var f = outputs.Slice(start, rows);
            var y = targets.Slice(start, rows);
            var g = gradient.Slice(start, rows);
            var sum = TensorPrimitives.Sum<T>(g);
            var largest = double.CreateTruncating(TensorPrimitives.Max(f));
            var log = Math.Log(double.CreateTruncating(sum));
            var mass = T.Zero;
            for (var c = 0; c < rows; c++)
            {
                mass += y[c];
                loss += double.CreateTruncating(y[c]) * (log + (largest - double.CreateTruncating(f[c])));
            }

            var factor = mass / sum;
            for (var c = 0; c < rows; c++)
            {
                g[c] = ((g[c] * factor) - y[c]) / T.CreateTruncating(samples);
            }
        }

        return loss / samples;
    }

    private protected override double OfLabels<T>(ReadOnlySpan<T> outputs, int rows, ReadOnlySpan<int> labels, Span<T> gradient)
    {
        var share = T.One / T.CreateTruncating(labels.Length);
        var loss = 0.0;
        for (var j = 0; j < labels.Length; j++)
        {
            var f = outputs.Slice(j * rows, rows);
            var largest = TensorPrimitives.Max(f);
            loss += double.CreateTruncating(largest) - double.CreateTruncating(f[labels[j]]);
            TensorPrimitives.Subtract(f, largest, gradient.Slice(j * rows, rows));
        }

        VectorMath.Exp<T>(gradient, gradient);
        for (var j = 0; j < labels.Length; j++)
        {
            var g = gradient.Slice(j * rows, rows);
            var sum = TensorPrimitives.Sum<T>(g);
            loss += Math.Log(double.CreateTruncating(sum));
            TensorPrimitives.Multiply(g, share / sum, g);
            g[labels[j]] -= share;
        }

        return loss / labels.Length;
    }

    /// <summary>e = exp(f - the largest f of the sample): in (0, 1], so that a sample's sum is at least 1.</summary>
    private static void Exponentials<T>(ReadOnlySpan<T> outputs, int rows, Span<T> e)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var start = 0; start < outputs.Length; start += rows)
        {
            var f = outputs.Slice(start, rows);
            TensorPrimitives.Subtract(f, TensorPrimitives.Max(f), e.Slice(start, rows));
        }

        VectorMath.Exp<T>(e, e);
    }
}
