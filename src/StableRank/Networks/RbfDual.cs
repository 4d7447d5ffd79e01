using StableRank.Spectra;

namespace StableRank.Networks;

/// <summary>
/// phi(z) = sqrt(2) sin(s z + pi/4) = sin(s z) + cos(s z), s^2 = 2 G: E phi(u) phi(v) = E cos(s (u - v)) = exp(-G (q_a + q_b - 2k)), the
/// Gaussian kernel, because the mixed terms are odd; and phi'(z) = s (cos(s z) - sin(s z)) gives 2 G times the same.
/// </summary>
internal sealed class RbfDual(Activation activation, double gamma) : GaussianDual(activation)
{
    public override double ValueAtZero => 1;

    public override double RateAtZero => double.PositiveInfinity;

    public override double RateAtInfinity => 0;

    public override double Bound => Math.Sqrt(2);

    private protected override GaussianExpectation ProductCore(double qa, double qb, double c) => Kernel(qa, qb, c, 1);

    private protected override GaussianExpectation DerivativeProductCore(double qa, double qb, double c) => Kernel(qa, qb, c, 2 * gamma);

    private protected override GaussianExpectation SquareCore(double q) => GaussianExpectation.Closed(1);

    private protected override GaussianExpectation SquareRateCore(double q) => default;

    private protected override GaussianExpectation DerivativeSquareCore(double q) => GaussianExpectation.Closed(2 * gamma);

    /// <summary>s^4 E (1 - sin 2 s u)^2 = 4 G^2 (1 + E sin^2(2 s u)).</summary>
    private protected override GaussianExpectation DerivativeFourthCore(double q) =>
        GaussianExpectation.Closed(4 * gamma * gamma * (1 - ElementaryFunctions.Expm1(-16 * gamma * q) / 2));

    private GaussianExpectation Kernel(double qa, double qb, double c, double factor)
    {
        // q_a + q_b - 2k as a sum of two terms that are not negative
        var (a, b) = (Math.Sqrt(qa), Math.Sqrt(qb));
        var exponent = gamma * ((a - b) * (a - b) + 2 * (a * b * (1 - c)));
        var value = factor * Math.Exp(-exponent);
        // sqrt q_a - sqrt q_b carries the rounding of the greater root
        return GaussianExpectation.Closed(value, value * (1 + exponent + gamma * Math.Abs(a - b) * (a + b)));
    }
}
