using StableRank.Spectra;

namespace StableRank.Networks;

/// <summary>
/// phi = sin: E sin u sin v = exp(-(q_a + q_b)/2) sinh k and E cos u cos v = exp(-(q_a + q_b)/2) cosh k with k = c sqrt(q_a q_b), written
/// with no exponential that can overflow.
/// </summary>
internal sealed class SinDual(Activation activation) : GaussianDual(activation)
{
    public override double RateAtZero => 1;

    public override double RateAtInfinity => 0;

    public override double Bound => 1;

    internal override bool LengthIncreases => true;

    private protected override GaussianExpectation ProductCore(double qa, double qb, double c)
    {
        var (decay, k) = Parts(qa, qb, c);
        return GaussianExpectation.Closed(Math.CopySign(decay * -ElementaryFunctions.Expm1(-2 * k) / 2, c), decay * (1 + (qa + qb)));
    }

    private protected override GaussianExpectation DerivativeProductCore(double qa, double qb, double c)
    {
        var (decay, k) = Parts(qa, qb, c);
        return GaussianExpectation.Closed(decay * (1 + Math.Exp(-2 * k)) / 2, decay * (1 + (qa + qb)));
    }

    private protected override GaussianExpectation SquareCore(double q) =>
        GaussianExpectation.Closed(-ElementaryFunctions.Expm1(-2 * q) / 2);

    private protected override GaussianExpectation SquareRateCore(double q) =>
        GaussianExpectation.Closed(Math.Exp(-2 * q), Math.Exp(-2 * q) * (1 + q));

    private protected override GaussianExpectation DerivativeSquareCore(double q) => GaussianExpectation.Closed((1 + Math.Exp(-2 * q)) / 2);

    private protected override GaussianExpectation SecondDerivativeSquareCore(double q) => SquareCore(q);

    private protected override GaussianExpectation DerivativeFourthCore(double q) =>
        GaussianExpectation.Closed(0.375 + Math.Exp(-2 * q) / 2 + Math.Exp(-8 * q) / 8);

    /// <summary>exp(|k| - (q_a + q_b)/2) and |k|; (q_a + q_b)/2 - |k| = (sqrt q_a - sqrt q_b)^2/2 + sqrt(q_a q_b) (1 - |c|).</summary>
    private static (double Decay, double K) Parts(double qa, double qb, double c)
    {
        var (a, b) = (Math.Sqrt(qa), Math.Sqrt(qb));
        return (Math.Exp(-((a - b) * (a - b) / 2 + a * b * (1 - Math.Abs(c)))), a * b * Math.Abs(c));
    }
}
