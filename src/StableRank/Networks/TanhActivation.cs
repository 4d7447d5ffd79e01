using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// phi(z) = tanh z, phi'(z) = 1/cosh^2 z = 4 e / (1 + e)^2 with e = exp(-2|z|), which keeps its relative accuracy in the tails.
/// </summary>
internal sealed class TanhActivation : Activation
{
    public override string Name => "tanh";

    private protected override GaussianDual MakeDual() => new SmoothDual(
        this, ConditionalTanh.Expect, valueAtZero: 0, slopeAtZero: 1, rateAtInfinity: 0,
        static (q, u, phi, slope) => u * phi * slope / q,
        lengthIncreases: true, bound: 1, bend: static (_, phi, slope) => -2 * phi * slope);

    private protected override void ApplyCore<T>(ReadOnlySpan<T> z, Span<T> a) => VectorMath.Tanh(z, a);

    private protected override void DerivativeCore<T>(ReadOnlySpan<T> z, Span<T> d)
    {
        TensorPrimitives.Abs(z, d);
        TensorPrimitives.Multiply(d, T.CreateTruncating(-2), d);
        VectorMath.Exp<T>(d, d);

        Span<T> scratch = stackalloc T[Chunk.Length];
        for (var start = 0; start < d.Length; start += Chunk.Length)
        {
            var e = d.Slice(start, Math.Min(Chunk.Length, d.Length - start));
            var denominator = scratch[..e.Length];
            TensorPrimitives.Add(e, T.One, denominator);
            TensorPrimitives.Divide(e, denominator, e);
            TensorPrimitives.Divide(e, denominator, e);
            TensorPrimitives.Multiply(e, T.CreateTruncating(4), e);
        }
    }

    /// <summary>
    /// g (1 - a)(1 + a): no second exponential. The rounding of a costs an error of eps in phi', absolute, not relative as in
    /// <see cref="Activation.Derivative"/>.
    /// </summary>
    private protected override void BackpropagateCore<T>(ReadOnlySpan<T> z, ReadOnlySpan<T> a, Span<T> g)
    {
        var outputs = MemoryMarshal.Cast<T, Vector<T>>(a);
        var gradients = MemoryMarshal.Cast<T, Vector<T>>(g);
        for (var i = 0; i < outputs.Length; i++)
        {
            gradients[i] *= (Vector<T>.One - outputs[i]) * (Vector<T>.One + outputs[i]);
        }

        for (var i = outputs.Length * Vector<T>.Count; i < g.Length; i++)
        {
            g[i] *= (T.One - a[i]) * (T.One + a[i]);
        }
    }
}
