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
    /// <summary>Classes up to which a plain loop is faster than the calls of vector functions.</summary>
    private const int Few = 16;

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
            var largest = Shift(f, gradient.Slice(j * rows, rows));
            loss += double.CreateTruncating(largest) - double.CreateTruncating(f[labels[j]]);
        }

        VectorMath.Exp<T>(gradient, gradient);
        for (var j = 0; j < labels.Length; j++)
        {
            var g = gradient.Slice(j * rows, rows);
            var sum = Normalise(g, share);
            loss += Math.Log(double.CreateTruncating(sum));
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
            Shift(outputs.Slice(start, rows), e.Slice(start, rows));
        }

        VectorMath.Exp<T>(e, e);
    }

    /// <summary>Writes f less its largest entry, which is returned; where f has a NaN, so has what is written.</summary>
    private static T Shift<T>(ReadOnlySpan<T> f, Span<T> shifted)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (f.Length > Few)
        {
            var greatest = TensorPrimitives.Max(f);
            TensorPrimitives.Subtract(f, greatest, shifted);
            return greatest;
        }

        var largest = f[0];
        foreach (var value in f)
        {
            largest = value > largest ? value : largest;
        }

        for (var c = 0; c < f.Length; c++)
        {
            shifted[c] = f[c] - largest;
        }

        return largest;
    }

    /// <summary>Scales e so that it sums to <paramref name="share"/>; returns what it summed to.</summary>
    private static T Normalise<T>(Span<T> e, T share)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (e.Length > Few)
        {
            var total = TensorPrimitives.Sum<T>(e);
            TensorPrimitives.Multiply(e, share / total, e);
            return total;
        }

        var sum = T.Zero;
        foreach (var value in e)
        {
            sum += value;
        }

        var factor = share / sum;
        for (var c = 0; c < e.Length; c++)
        {
            e[c] *= factor;
        }

        return sum;
    }
}
