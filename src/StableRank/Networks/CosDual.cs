using StableRank.Spectra;

namespace StableRank.Networks;

/// <summary>phi = cos: what <see cref="SinDual"/> has, sine and cosine exchanged.</summary>
internal sealed class CosDual(Activation activation) : GaussianDual(activation)
{
    private readonly SinDual _sine = new(Activation.Sin);

    public override double ValueAtZero => 1;

    public override double RateAtZero => double.PositiveInfinity;

    public override double RateAtInfinity => 0;

    public override double Bound => 1;

    private protected override GaussianExpectation ProductCore(double qa, double qb, double c) => _sine.DerivativeProduct(qa, qb, c);

    private protected override GaussianExpectation DerivativeProductCore(double qa, double qb, double c) => _sine.Product(qa, qb, c);

    private protected override GaussianExpectation SquareCore(double q) => GaussianExpectation.Closed((1 + Math.Exp(-2 * q)) / 2);

    private protected override GaussianExpectation SquareRateCore(double q) =>
        GaussianExpectation.Closed(-Math.Exp(-2 * q), Math.Exp(-2 * q) * (1 + q));

    private protected override GaussianExpectation DerivativeSquareCore(double q) =>
        GaussianExpectation.Closed(-ElementaryFunctions.Expm1(-2 * q) / 2);

    private protected override GaussianExpectation SecondDerivativeSquareCore(double q) => SquareCore(q);

    /// <summary>E sin^4 = (6 y^2 - 4 y^3 + y^4)/8 with y = 1 - exp(-2q): no cancellation for small q.</summary>
    private protected override GaussianExpectation DerivativeFourthCore(double q)
    {
        var y = -ElementaryFunctions.Expm1(-2 * q);
        return GaussianExpectation.Closed(y * y * (6 - y * (4 - y)) / 8);
    }
}
