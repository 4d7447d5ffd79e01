namespace StableRank.Networks;

/// <summary>
/// phi(z) = z Phi(z): the products in closed form, with k = c sqrt(q_a q_b) and D^2 = (1 + q_a)(1 + q_b) - k^2,
/// E phi(u) phi(v) = k/4 + (k/2pi) asin(k/sqrt((1 + q_a)(1 + q_b))) + (k^2 + q_a q_b D^2)/(2pi (1 + q_a)(1 + q_b) D), and its derivative by
/// k; both by Gaussian integration by parts from E Phi(u) Phi(v) = 1/4 + asin(...)/2pi. The rest by quadrature.
/// </summary>
internal sealed class GeluDual(Activation activation) : GaussianDual(activation)
{
    public override double RateAtZero => 0.25;

    public override double RateAtInfinity => 0.5;

    private protected override GaussianExpectation ProductCore(double qa, double qb, double c)
    {
        var k = c * (Math.Sqrt(qa) * Math.Sqrt(qb));
        var d = Math.Sqrt(Determinant(qa, qb, c));
        var scale = Math.Sqrt(qa) * Math.Sqrt(qb);
        var rest = k / (1 + qa) * (k / (1 + qb)) / d + qa / (1 + qa) * (qb / (1 + qb)) * d;
        return GaussianExpectation.Closed(k / 4 + k * Math.Atan2(k, d) / (2 * Math.PI) + rest / (2 * Math.PI), scale);
    }

    private protected override GaussianExpectation DerivativeProductCore(double qa, double qb, double c)
    {
        var k = c * (Math.Sqrt(qa) * Math.Sqrt(qb));
        var d2 = Determinant(qa, qb, c);
        var d = Math.Sqrt(d2);
        // (1 - q_a q_b)/((1 + q_a)(1 + q_b)) + 1, as a sum of positive terms
        var rest = 1 / d2 + (2 + (qa + qb)) / ((1 + qa) * (1 + qb));
        return GaussianExpectation.Closed(0.25 + Math.Atan2(k, d) / (2 * Math.PI) + k / d * rest / (2 * Math.PI), 1);
    }

    private protected override GaussianExpectation SquareCore(double q) => ProductCore(q, q, 1);

    private protected override GaussianExpectation SquareRateCore(double q) =>
        GaussianQuadrature.Expect(Activation, q, static (u, phi, derivative) => u * phi * derivative, 1 / q);

    private protected override GaussianExpectation DerivativeSquareCore(double q) => DerivativeProductCore(q, q, 1);

    private protected override GaussianExpectation DerivativeFourthCore(double q) =>
        GaussianQuadrature.Expect(Activation, q, static (_, _, derivative) => derivative * derivative * (derivative * derivative));

    private static double Determinant(double qa, double qb, double c) => 1 + (qa + qb) + qa * qb * ((1 - c) * (1 + c));
}
