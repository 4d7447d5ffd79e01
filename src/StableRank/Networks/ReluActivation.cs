namespace StableRank.Networks;

/// <summary>phi(z) = max(z, 0); phi'(0) = 0.</summary>
internal sealed class ReluActivation : Activation
{
    public override string Name => "relu";

    public override bool IsPiecewiseLinear(out double negativeSlope)
    {
        negativeSlope = 0;
        return true;
    }

    private protected override GaussianDual MakeDual() => new SlopeDual(this, 0);

    private protected override void ApplyCore<T>(ReadOnlySpan<T> z, Span<T> a) => SlopeSelection.Apply(z, a, T.Zero);

    private protected override void DerivativeCore<T>(ReadOnlySpan<T> z, Span<T> d) => SlopeSelection.Derivative(z, d, T.Zero);

    private protected override void BackpropagateCore<T>(ReadOnlySpan<T> z, ReadOnlySpan<T> a, Span<T> g) =>
        SlopeSelection.Backpropagate(z, g, T.Zero);
}
