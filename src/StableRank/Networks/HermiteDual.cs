namespace StableRank.Networks;

/// <summary>
/// phi = h_d. With u = sqrt(q) x, h_d(u) = sum_j alpha_j(q) h_n(x), n = d - 2j, alpha_j = sqrt(d!/n!) (q - 1)^j q^(n/2) / (2^j j!), so that
/// E h_d(u) h_d(v) = sum_j alpha_j(q_a) alpha_j(q_b) c^n: c^d at variances 1. phi' = sqrt(d) h_(d-1).
/// </summary>
internal sealed class HermiteDual : GaussianDual
{
    /// <summary>
    /// E f(x) of a polynomial f of degree 36 and of one sign: the trapezoidal rule of this step over this reach misses 1e-12 of it neither
    /// by aliasing, exp(-2 pi^2/Step^2), nor by the tails, exp(-Reach^2/2) Reach^36 against 35!!.
    /// </summary>
    private const double Step = 0.25;

    private const double Reach = 16;

    private readonly int _degree;
    private readonly double[] _weights;
    private readonly double[] _derivativeWeights;

    public HermiteDual(Activation activation, int degree)
        : base(activation)
    {
        _degree = degree;
        _weights = Weights(degree);
        _derivativeWeights = degree == 0 ? [] : Weights(degree - 1);
        // h_d(0)^2 = alpha_(d/2)(0)^2
        ValueAtZero = degree % 2 == 1 ? 0 : Math.Sqrt(_weights[^1]) * (degree % 4 == 0 ? 1 : -1);
        RateAtZero = degree % 2 == 0 ? double.PositiveInfinity : degree * _derivativeWeights[^1];
    }

    public override double ValueAtZero { get; }

    public override double RateAtZero { get; }

    public override double RateAtInfinity => _degree switch { 0 => 0, 1 => 1, _ => double.PositiveInfinity };

    public override double Bound => _degree == 0 ? 1 : double.PositiveInfinity;

    private protected override GaussianExpectation ProductCore(double qa, double qb, double c) => Sum(_weights, _degree, qa, qb, c, 1);

    private protected override GaussianExpectation DerivativeProductCore(double qa, double qb, double c) =>
        _degree == 0 ? default : Sum(_derivativeWeights, _degree - 1, qa, qb, c, _degree);

    private protected override GaussianExpectation SquareCore(double q) => ProductCore(q, q, 1);

    /// <summary>The derivative of sum_j w_j (q - 1)^(2j) q^n.</summary>
    private protected override GaussianExpectation SquareRateCore(double q)
    {
        var (sum, scale) = (0.0, 0.0);
        for (var j = 0; j < _weights.Length; j++)
        {
            var n = _degree - 2 * j;
            var inner = j == 0 ? 0 : 2 * j * PolynomialMoments.Power(q - 1, 2 * j - 1) * PolynomialMoments.Power(q, n);
            var outer = n == 0 ? 0 : n * PolynomialMoments.Power(q - 1, 2 * j) * PolynomialMoments.Power(q, n - 1);
            sum += _weights[j] * (inner + outer);
            scale += _weights[j] * (Math.Abs(inner) + outer);
        }

        return GaussianExpectation.Closed(sum, (_degree + 1) * scale);
    }

    private protected override GaussianExpectation DerivativeSquareCore(double q) => DerivativeProductCore(q, q, 1);

    private protected override GaussianExpectation DerivativeFourthCore(double q)
    {
        var half = (int)(Reach / Step);
        var values = new double[2 * half + 1];
        var weights = new double[values.Length];
        var deviation = Math.Sqrt(q);
        for (var i = 0; i < values.Length; i++)
        {
            var x = (i - half) * Step;
            values[i] = deviation * x;
            weights[i] = Step * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
        }

        Activation.Derivative<double>(values, values);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] *= values[i];
            values[i] *= values[i];
        }

        // the rule of the even nodes alone, of step 0.5, is as exact: exp(-2 pi^2/0.25)
        var result = GaussianQuadrature.Sum(weights, values);
        // each value is a product of 4 (d - 1) factors, every one with three roundings of its own
        return result with { Error = result.Error + 12 * _degree * Math.ScaleB(1, -52) * result.Value };
    }

    private static GaussianExpectation Sum(double[] weights, int degree, double qa, double qb, double c, double factor)
    {
        var (sum, scale) = (0.0, 0.0);
        var root = Math.Sqrt(qa) * Math.Sqrt(qb);
        // exact at equal variances, where the root of a square is not
        var k = c * (qa == qb ? qa : root);
        for (var j = 0; j < weights.Length; j++)
        {
            var term = weights[j] * PolynomialMoments.Power((qa - 1) * (qb - 1), j) * PolynomialMoments.Power(k, degree - 2 * j);
            sum += term;
            scale += Math.Abs(term);
        }

        return GaussianExpectation.Closed(factor * sum, factor * (degree + 1) * scale);
    }

    /// <summary>d!/(n! 4^j (j!)^2), n = d - 2j.</summary>
    private static double[] Weights(int degree)
    {
        var result = new double[degree / 2 + 1];
        for (var j = 0; j < result.Length; j++)
        {
            var root = Math.ScaleB(1, j) * PolynomialMoments.Factorial(j);
            result[j] = PolynomialMoments.Factorial(degree) / (PolynomialMoments.Factorial(degree - 2 * j) * root * root);
        }

        return result;
    }
}
