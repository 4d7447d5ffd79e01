namespace StableRank.Networks;

/// <summary>
/// Slope 1 on the positive side, a on the other: phi(z) = alpha z + beta |z|, alpha = (1 + a)/2, beta = (1 - a)/2, whose cross terms
/// vanish by symmetry. E|u||v| = sqrt(q_a q_b) (2/pi) (sqrt(1 - c^2) + c asin c), E sgn(u) sgn(v) = (2/pi) asin c.
/// </summary>
internal sealed class SlopeDual(Activation activation, double slope) : GaussianDual(activation)
{
    private readonly double _alpha = (1 + slope) / 2 * ((1 + slope) / 2);
    private readonly double _beta = (1 - slope) / 2 * ((1 - slope) / 2);
    private readonly double _square = (1 + slope * slope) / 2;

    public override double RateAtZero => _square;

    public override double RateAtInfinity => _square;

    internal override bool LengthIncreases => true;

    private protected override GaussianExpectation ProductCore(double qa, double qb, double c)
    {
        var scale = Math.Sqrt(qa) * Math.Sqrt(qb);
        var absolute = 2 / Math.PI * (Math.Sqrt((1 - c) * (1 + c)) + c * Math.Asin(c));
        return GaussianExpectation.Closed(scale * (_alpha * c + _beta * absolute), scale * _square);
    }

    private protected override GaussianExpectation DerivativeProductCore(double qa, double qb, double c) =>
        GaussianExpectation.Closed(_alpha + _beta * (2 / Math.PI * Math.Asin(c)), _square);

    private protected override GaussianExpectation SquareCore(double q) => GaussianExpectation.Closed(_square * q);

    private protected override GaussianExpectation SquareRateCore(double q) => GaussianExpectation.Closed(_square);

    private protected override GaussianExpectation DerivativeSquareCore(double q) => GaussianExpectation.Closed(_square);

    private protected override GaussianExpectation DerivativeFourthCore(double q) =>
        GaussianExpectation.Closed((1 + slope * slope * slope * slope) / 2);

    private protected override GaussianExpectation SecondDerivativeSquareCore(double q) =>
        new(slope == 1 ? 0 : double.PositiveInfinity, 0);
}
