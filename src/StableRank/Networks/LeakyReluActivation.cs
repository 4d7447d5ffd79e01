using System.Globalization;

namespace StableRank.Networks;

/// <summary>phi(z) = z for z &gt; 0, a z elsewhere; phi'(0) = a.</summary>
internal sealed class LeakyReluActivation : Activation
{
    private readonly double _slope;

    public LeakyReluActivation(double slope)
    {
        if (!double.IsFinite(slope))
        {
            throw new ArgumentOutOfRangeException(nameof(slope), slope, "The slope of a leaky ReLU must be finite.");
        }

        _slope = slope;
    }

    public override string Name => "leaky-relu:" + _slope.ToString("R", CultureInfo.InvariantCulture);

    public override bool IsPiecewiseLinear(out double negativeSlope)
    {
        negativeSlope = _slope;
        return true;
    }

    private protected override GaussianDual MakeDual() => new SlopeDual(this, _slope);

    private protected override void ApplyCore<T>(ReadOnlySpan<T> z, Span<T> a) => SlopeSelection.Apply(z, a, T.CreateTruncating(_slope));

    private protected override void DerivativeCore<T>(ReadOnlySpan<T> z, Span<T> d) =>
        SlopeSelection.Derivative(z, d, T.CreateTruncating(_slope));

    private protected override void BackpropagateCore<T>(ReadOnlySpan<T> z, ReadOnlySpan<T> a, Span<T> g) =>
        SlopeSelection.Backpropagate(z, g, T.CreateTruncating(_slope));
}
