using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>phi(z) = phi'(z) = e^z, infinite where that exceeds the range of the precision.</summary>
internal sealed class ExpActivation : Activation
{
    public override string Name => "exp";

    private protected override GaussianDual MakeDual() => new ExpDual(this);

    private protected override void ApplyCore<T>(ReadOnlySpan<T> z, Span<T> a) => VectorMath.Exp(z, a);

    private protected override void DerivativeCore<T>(ReadOnlySpan<T> z, Span<T> d) => VectorMath.Exp(z, d);
}
