using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// phi = tanh, for which no closed form is known. A product is E phi(u) F(u), F(u) = E(phi(v) | u), u being the one of greater variance:
/// the outer expectation by <see cref="GaussianQuadrature"/>, and F by <see cref="ConditionalTanh"/>.
/// </summary>
internal sealed class TanhDual(Activation activation) : GaussianDual(activation)
{
    public override double RateAtZero => 1;

    public override double RateAtInfinity => 0;

    private protected override GaussianExpectation ProductCore(double qa, double qb, double c) => Pair(qa, qb, c, derivative: false);

    private protected override GaussianExpectation DerivativeProductCore(double qa, double qb, double c) =>
        Pair(qa, qb, c, derivative: true);

    private protected override GaussianExpectation SquareCore(double q) =>
        GaussianQuadrature.Expect(Activation, q, static (_, phi, _) => phi * phi);

    private protected override GaussianExpectation SquareRateCore(double q) =>
        GaussianQuadrature.Expect(Activation, q, static (u, phi, derivative) => u * phi * derivative, 1 / q);

    private protected override GaussianExpectation DerivativeSquareCore(double q) =>
        GaussianQuadrature.Expect(Activation, q, static (_, _, derivative) => derivative * derivative);

    private protected override GaussianExpectation DerivativeFourthCore(double q) =>
        GaussianQuadrature.Expect(Activation, q, static (_, _, derivative) => derivative * derivative * (derivative * derivative));

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
            VectorMath.Tanh<double>(nodes, outer);
        }

        // v given u has mean c sqrt(lesser/greater) u and variance lesser (1 - c^2)
        var slope = greater == 0 ? 0 : c * Math.Sqrt(lesser / greater);
        TensorPrimitives.Multiply(nodes, slope, nodes);
        ConditionalTanh.Expect(Activation, nodes, Math.Sqrt(lesser * ((1 - c) * (1 + c))), derivative, inner);
        TensorPrimitives.Multiply(outer, inner, outer);
        return GaussianQuadrature.Sum(weights, outer);
    }
}
