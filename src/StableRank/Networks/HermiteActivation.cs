using System.Globalization;
using System.Numerics.Tensors;

namespace StableRank.Networks;

/// <summary>phi(z) = h_d(z), the normalised probabilists' Hermite polynomial, and phi'(z) = sqrt(d) h_(d-1)(z).</summary>
internal sealed class HermiteActivation : Activation
{
    public const int GreatestDegree = 10;

    private readonly HermitePolynomial _value;
    private readonly HermitePolynomial? _below;

    public HermiteActivation(int degree)
    {
        if (degree is < 0 or > GreatestDegree)
        {
            throw new ArgumentOutOfRangeException(
                nameof(degree), degree, $"The degree of a Hermite polynomial is {degree}; expected 0 to {GreatestDegree}.");
        }

        _value = new HermitePolynomial(degree);
        _below = degree == 0 ? null : new HermitePolynomial(degree - 1);
    }

    public override string Name => "hermite:" + _value.Degree.ToString(CultureInfo.InvariantCulture);

    public override bool IsPiecewiseLinear(out double negativeSlope)
    {
        negativeSlope = _value.Degree == 1 ? 1 : double.NaN;
        return _value.Degree == 1;
    }

    private protected override GaussianDual MakeDual() => new HermiteDual(this, _value.Degree);

    private protected override void ApplyCore<T>(ReadOnlySpan<T> z, Span<T> a) => _value.Evaluate(z, a);

    private protected override void DerivativeCore<T>(ReadOnlySpan<T> z, Span<T> d)
    {
        if (_below is null)
        {
            // 0, or NaN where z is
            SlopeSelection.Derivative(z, d, T.One);
            TensorPrimitives.Subtract(d, T.One, d);
            return;
        }

        _below.Evaluate(z, d, Math.Sqrt(_value.Degree));
    }
}
