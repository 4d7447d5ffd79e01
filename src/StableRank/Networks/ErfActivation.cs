using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>phi(z) = erf(z), phi'(z) = 2/sqrt(pi) exp(-z^2).</summary>
internal sealed class ErfActivation : Activation
{
    private static readonly double SlopeAtZero = 2 / Math.Sqrt(Math.PI);

    public override string Name => "erf";

    private protected override GaussianDual MakeDual() => new ErfDual(this);

    private protected override void ApplyCore<T>(ReadOnlySpan<T> z, Span<T> a) => VectorMath.Erf(z, a);

    private protected override void DerivativeCore<T>(ReadOnlySpan<T> z, Span<T> d)
    {
        TensorPrimitives.Multiply(z, z, d);
        TensorPrimitives.Negate(d, d);
        VectorMath.Exp<T>(d, d);
        TensorPrimitives.Multiply(d, T.CreateTruncating(SlopeAtZero), d);
    }
}
