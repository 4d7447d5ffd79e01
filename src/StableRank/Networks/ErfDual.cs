namespace StableRank.Networks;

/// <summary>
/// phi = erf: E phi(u) phi(v) = (2/pi) asin(2 k / sqrt((1 + 2 q_a)(1 + 2 q_b))), k = c sqrt(q_a q_b) (Williams 1997), written as an
/// arctangent, which keeps its digits where the sine's value is near 1.
/// </summary>
internal sealed class ErfDual(Activation activation) : GaussianDual(activation)
{
    public override double RateAtZero => 4 / Math.PI;

    public override double RateAtInfinity => 0;

    public override double Bound => 1;

    internal override bool LengthIncreases => true;

    private protected override GaussianExpectation ProductCore(double qa, double qb, double c) =>
        GaussianExpectation.Closed(2 / Math.PI * Math.Atan2(2 * c * (Math.Sqrt(qa) * Math.Sqrt(qb)), Math.Sqrt(Determinant(qa, qb, c))));

    private protected override GaussianExpectation DerivativeProductCore(double qa, double qb, double c) =>
        GaussianExpectation.Closed(4 / Math.PI / Math.Sqrt(Determinant(qa, qb, c)));

    private protected override GaussianExpectation SquareCore(double q) =>
        GaussianExpectation.Closed(2 / Math.PI * Math.Atan2(2 * q, Math.Sqrt(1 + 4 * q)));

    private protected override GaussianExpectation SquareRateCore(double q) =>
        GaussianExpectation.Closed(4 / Math.PI / ((1 + 2 * q) * Math.Sqrt(1 + 4 * q)));

    private protected override GaussianExpectation DerivativeSquareCore(double q) =>
        GaussianExpectation.Closed(4 / Math.PI / Math.Sqrt(1 + 4 * q));

    private protected override GaussianExpectation DerivativeFourthCore(double q) =>
        GaussianExpectation.Closed(16 / (Math.PI * Math.PI) / Math.Sqrt(1 + 8 * q));

    private protected override GaussianExpectation SecondDerivativeSquareCore(double q) =>
        GaussianExpectation.Closed(16 / Math.PI * q / ((1 + 4 * q) * Math.Sqrt(1 + 4 * q)));

    /// <summary>(1 + 2 q_a)(1 + 2 q_b) - 4 k^2 without the cancellation.</summary>
    private static double Determinant(double qa, double qb, double c) => 1 + 2 * (qa + qb) + 4 * (qa * qb) * ((1 - c) * (1 + c));
}
