using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>phi(z) = sin z, phi'(z) = cos z.</summary>
internal sealed class SinActivation : Activation
{
    public override string Name => "sin";

    private protected override GaussianDual MakeDual() => new SinDual(this);

    private protected override void ApplyCore<T>(ReadOnlySpan<T> z, Span<T> a) => VectorMath.Sin(z, a);

    private protected override void DerivativeCore<T>(ReadOnlySpan<T> z, Span<T> d) => TensorPrimitives.Cos(z, d);
}
