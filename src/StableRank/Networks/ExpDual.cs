namespace StableRank.Networks;

/// <summary>
/// phi = phi' = exp: E e^u e^v = exp((q_a + q_b)/2 + k), k = c sqrt(q_a q_b), infinite where that exceeds the range of double.
/// </summary>
internal sealed class ExpDual(Activation activation) : GaussianDual(activation)
{
    public override double ValueAtZero => 1;

    public override double RateAtZero => double.PositiveInfinity;

    public override double RateAtInfinity => double.PositiveInfinity;

    internal override bool LengthIncreases => true;

    private protected override GaussianExpectation ProductCore(double qa, double qb, double c)
    {
        // (q_a + q_b)/2 + k as a sum of two terms that are not negative
        var (a, b) = (Math.Sqrt(qa), Math.Sqrt(qb));
        return Exponential((a - b) * (a - b) / 2 + a * b * (1 + c));
    }

    private protected override GaussianExpectation DerivativeProductCore(double qa, double qb, double c) => ProductCore(qa, qb, c);

    private protected override GaussianExpectation SquareCore(double q) => Exponential(2 * q);

    private protected override GaussianExpectation SquareRateCore(double q) => Exponential(2 * q, 2);

    private protected override GaussianExpectation DerivativeSquareCore(double q) => Exponential(2 * q);

    private protected override GaussianExpectation SecondDerivativeSquareCore(double q) => SquareCore(q);

    private protected override GaussianExpectation DerivativeFourthCore(double q) => Exponential(8 * q);

    /// <summary>The rounding of the exponent is an error of the value, relative to it.</summary>
    private static GaussianExpectation Exponential(double exponent, double factor = 1)
    {
        var value = factor * Math.Exp(exponent);
        return GaussianExpectation.Closed(value, value * (1 + exponent));
    }
}
