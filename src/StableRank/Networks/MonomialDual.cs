namespace StableRank.Networks;

/// <summary>
/// phi(z) = z^d: E u^d v^d = (q_a q_b)^(d/2) sum_j w_j c^(d-2j) with w_j = (d!/(2^j j!))^2/(d-2j)!, every term of one sign. (x^d is
/// sum_j d!/(2^j j! (d-2j)!) He_(d-2j)(x).)
/// </summary>
internal sealed class MonomialDual : GaussianDual
{
    private readonly int _degree;
    private readonly double[] _weights;
    private readonly double[] _derivativeWeights;

    public MonomialDual(Activation activation, int degree)
        : base(activation)
    {
        _degree = degree;
        _weights = Weights(degree);
        _derivativeWeights = Weights(degree - 1);
    }

    public override double RateAtZero => _degree == 1 ? 1 : 0;

    public override double RateAtInfinity => _degree == 1 ? 1 : double.PositiveInfinity;

    internal override bool LengthIncreases => true;

    private protected override GaussianExpectation ProductCore(double qa, double qb, double c) => Sum(_weights, _degree, qa, qb, c, 1);

    private protected override GaussianExpectation DerivativeProductCore(double qa, double qb, double c) =>
        Sum(_derivativeWeights, _degree - 1, qa, qb, c, _degree * _degree);

    private protected override GaussianExpectation SquareCore(double q) => Moment(2 * _degree, PolynomialMoments.Power(q, _degree), 1);

    private protected override GaussianExpectation SquareRateCore(double q) =>
        Moment(2 * _degree, PolynomialMoments.Power(q, _degree - 1), _degree);

    private protected override GaussianExpectation DerivativeSquareCore(double q) =>
        Moment(2 * _degree - 2, PolynomialMoments.Power(q, _degree - 1), _degree * _degree);

    private protected override GaussianExpectation DerivativeFourthCore(double q) =>
        Moment(4 * _degree - 4, PolynomialMoments.Power(q, 2 * _degree - 2), _degree * _degree * _degree * _degree);

    /// <summary>(n - 1)!! times q^(n/2), given, times a factor.</summary>
    private static GaussianExpectation Moment(int n, double power, double factor)
    {
        for (var k = n - 1; k > 1; k -= 2)
        {
            factor *= k;
        }

        return GaussianExpectation.Closed(factor * power, (n + 1) * factor * power);
    }

    private static GaussianExpectation Sum(double[] weights, int degree, double qa, double qb, double c, double factor)
    {
        var sum = 0.0;
        for (var j = 0; j < weights.Length; j++)
        {
            sum += weights[j] * PolynomialMoments.Power(c, degree - 2 * j);
        }

        var value = factor * sum * PolynomialMoments.Power(Math.Sqrt(qa) * Math.Sqrt(qb), degree);
        return GaussianExpectation.Closed(value, (degree + 1) * value);
    }

    /// <summary>w_j, integers.</summary>
    private static double[] Weights(int degree)
    {
        var result = new double[degree / 2 + 1];
        for (var j = 0; j < result.Length; j++)
        {
            var root = PolynomialMoments.Factorial(degree) / (Math.ScaleB(1, j) * PolynomialMoments.Factorial(j));
            result[j] = root * root / PolynomialMoments.Factorial(degree - 2 * j);
        }

        return result;
    }
}
