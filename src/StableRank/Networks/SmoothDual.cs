using System.Numerics.Tensors;

namespace StableRank.Networks;

/// <summary>
/// Smooth activations on the scale of 1 for which no closed form is known: tanh, softplus and SiLU. A product is E phi(u) F(u),
/// F(u) = E(phi(v) | u), u being the one of greater variance: the outer expectation by <see cref="GaussianQuadrature"/>, F by a
/// <see cref="ConditionalRule"/>.
/// </summary>
/// <param name="activation">phi.</param>
/// <param name="conditional">F.</param>
/// <param name="valueAtZero">phi(0).</param>
/// <param name="slopeAtZero">phi'(0).</param>
/// <param name="rateAtInfinity">The limit of E phi^2 / q for great q.</param>
/// <param name="rate">
/// (q, u, phi(u), phi'(u)) to what has the expectation d/dq E phi^2: u phi phi'/q, or phi'^2 + phi phi'' where phi(0) is not 0 and the
/// other would cancel at small q.
/// </param>
/// <param name="lengthIncreases">Whether E phi^2 is known to increase with q.</param>
/// <param name="bound">sup |phi|.</param>
/// <param name="bend">(u, phi(u), phi'(u)) to phi''(u), where it is at hand.</param>
internal sealed class SmoothDual(
    Activation activation,
    ConditionalRule conditional,
    double valueAtZero,
    double slopeAtZero,
    double rateAtInfinity,
    Func<double, double, double, double, double> rate,
    bool lengthIncreases,
    double bound = double.PositiveInfinity,
    Func<double, double, double, double>? bend = null) : GaussianDual(activation)
{
    public override double ValueAtZero => valueAtZero;

    public override double RateAtZero => valueAtZero == 0 ? slopeAtZero * slopeAtZero : double.PositiveInfinity;

    public override double RateAtInfinity => rateAtInfinity;

    public override double Bound => bound;

    internal override bool LengthIncreases => lengthIncreases;

    private protected override GaussianExpectation ProductCore(double qa, double qb, double c) => Pair(qa, qb, c, derivative: false);

    private protected override GaussianExpectation DerivativeProductCore(double qa, double qb, double c) =>
        Pair(qa, qb, c, derivative: true);

    private protected override GaussianExpectation SquareCore(double q) =>
        GaussianQuadrature.Expect(Activation, q, static (_, phi, _) => phi * phi);

    private protected override GaussianExpectation SquareRateCore(double q) =>
        GaussianQuadrature.Expect(Activation, q, (u, phi, derivative) => rate(q, u, phi, derivative));

    private protected override GaussianExpectation DerivativeSquareCore(double q) =>
        GaussianQuadrature.Expect(Activation, q, static (_, _, derivative) => derivative * derivative);

    private protected override GaussianExpectation DerivativeFourthCore(double q) =>
        GaussianQuadrature.Expect(Activation, q, static (_, _, derivative) => derivative * derivative * (derivative * derivative));

    private protected override GaussianExpectation SecondDerivativeSquareCore(double q) =>
        bend is null
            ? base.SecondDerivativeSquareCore(q)
            : GaussianQuadrature.Expect(Activation, q, (u, phi, derivative) =>
            {
                var second = bend(u, phi, derivative);
                return second * second;
            });

    private GaussianExpectation Pair(double qa, double qb, double c, bool derivative)
    {
        var (greater, lesser) = (Math.Max(qa, qb), Math.Min(qa, qb));
        var (nodes, weights) = GaussianQuadrature.Rule(greater);
        var outer = new double[nodes.Length];
        var inner = new double[nodes.Length];
        if (derivative)
        {
            Activation.Derivative<double>(nodes, outer);
        }
        else
        {
            Activation.Apply<double>(nodes, outer);
        }

        // v given u has mean c sqrt(lesser/greater) u and variance lesser (1 - c^2)
        var slope = greater == 0 ? 0 : c * Math.Sqrt(lesser / greater);
        TensorPrimitives.Multiply(nodes, slope, nodes);
        var deviation = Math.Sqrt(lesser * ((1 - c) * (1 + c)));
        conditional(Activation, nodes, deviation, derivative, inner);
        var rounding = 0.0;
        for (var i = 0; i < outer.Length; i++)
        {
            // what F is made of may be greater than F: at c = 0 an odd function's is 0
            var size = derivative || double.IsFinite(bound) ? 1 : 1 + Math.Abs(nodes[i]) + deviation;
            rounding += weights[i] * Math.Abs(outer[i]) * size;
        }

        TensorPrimitives.Multiply(outer, inner, outer);
        var result = GaussianQuadrature.Sum(weights, outer);
        return result with { Error = result.Error + 4 * Math.ScaleB(1, -52) * rounding };
    }
}
