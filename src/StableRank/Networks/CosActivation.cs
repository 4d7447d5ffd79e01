using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>phi(z) = cos z, phi'(z) = -sin z.</summary>
internal sealed class CosActivation : Activation
{
    public override string Name => "cos";

    private protected override GaussianDual MakeDual() => new CosDual(this);

    private protected override void ApplyCore<T>(ReadOnlySpan<T> z, Span<T> a) => TensorPrimitives.Cos(z, a);

    private protected override void DerivativeCore<T>(ReadOnlySpan<T> z, Span<T> d)
    {
        VectorMath.Sin(z, d);
        TensorPrimitives.Negate(d, d);
    }
}
