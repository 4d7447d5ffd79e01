namespace StableRank.Networks;

/// <summary>phi(z) = |z|; phi'(0) = -1, the slope from the left.</summary>
internal sealed class AbsActivation : Activation
{
    public override string Name => "abs";

    public override bool IsPiecewiseLinear(out double negativeSlope)
    {
        negativeSlope = -1;
        return true;
    }

    private protected override GaussianDual MakeDual() => new SlopeDual(this, -1);

    private protected override void ApplyCore<T>(ReadOnlySpan<T> z, Span<T> a) => SlopeSelection.Apply(z, a, T.NegativeOne);

    private protected override void DerivativeCore<T>(ReadOnlySpan<T> z, Span<T> d) => SlopeSelection.Derivative(z, d, T.NegativeOne);

    private protected override void BackpropagateCore<T>(ReadOnlySpan<T> z, ReadOnlySpan<T> a, Span<T> g) =>
        SlopeSelection.Backpropagate(z, g, T.NegativeOne);
}
