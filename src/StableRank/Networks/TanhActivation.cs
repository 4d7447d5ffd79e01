using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// phi(z) = tanh z, phi'(z) = 1/cosh^2 z = 4 e / (1 + e)^2 with e = exp(-2|z|), which keeps its relative accuracy in the tails.
/// </summary>
internal sealed class TanhActivation : Activation
{
    public override string Name => "tanh";

    private protected override GaussianDual MakeDual() => new TanhDual(this);

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
}
