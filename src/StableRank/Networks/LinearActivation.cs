namespace StableRank.Networks;

/// <summary>phi(z) = z.</summary>
internal sealed class LinearActivation : Activation
{
    public override string Name => "linear";

    public override bool IsPiecewiseLinear(out double negativeSlope)
    {
        negativeSlope = 1;
        return true;
    }

    private protected override GaussianDual MakeDual() => new SlopeDual(this, 1);

    private protected override void ApplyCore<T>(ReadOnlySpan<T> z, Span<T> a) => z.CopyTo(a);

    private protected override void DerivativeCore<T>(ReadOnlySpan<T> z, Span<T> d) => SlopeSelection.Derivative(z, d, T.One);

    private protected override void BackpropagateCore<T>(ReadOnlySpan<T> z, ReadOnlySpan<T> a, Span<T> g)
    {
        // the gradient at z is the gradient at a
    }
}
