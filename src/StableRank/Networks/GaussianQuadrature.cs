using System.Numerics.Tensors;

namespace StableRank.Networks;

/// <summary>
/// E f(u) for a centred Gaussian u of variance q and a smooth f, by the trapezoidal rule in t, u = s sinh t with s = min(1, sqrt q): the
/// nodes are dense on the scale of f, 1, and reach the scale of u, sqrt q, in a number that grows with log q alone.
/// </summary>
/// <remarks>
/// In the strip |Im t| &lt; pi/4 the real part of u^2 is at least -1/2 and tanh(u) and the like have no pole (those of tanh(sinh t) lie on
/// |Im t| = pi/2), so the rule of step h errs by about exp(-2 pi (pi/4) / h) (Trefethen and Weideman 2014): 1e-18 for h = 0.12. Two
/// such rules, the one on the midpoints of the other, give the error estimate; their mean is the rule of step 0.06.
/// </remarks>
internal static class GaussianQuadrature
{
    private const double Step = 0.06;

    /// <summary>Where |u| / sqrt q is above this, what is left of the Gaussian is below 1e-18.</summary>
    private const double Reach = 9.2;

    /// <summary>Of a function of u, phi(u) and phi'(u), times a factor.</summary>
    /// <param name="activation">phi.</param>
    /// <param name="variance">q, at least 0.</param>
    /// <param name="function">(u, phi(u), phi'(u)) to f.</param>
    /// <param name="factor">What the result is multiplied by.</param>
    public static GaussianExpectation Expect(
        Activation activation, double variance, Func<double, double, double, double> function, double factor = 1)
    {
        var (nodes, weights) = Rule(variance);
        var (values, derivatives) = (new double[nodes.Length], new double[nodes.Length]);
        activation.Apply<double>(nodes, values);
        activation.Derivative<double>(nodes, derivatives);
        for (var i = 0; i < nodes.Length; i++)
        {
            values[i] = factor * function(nodes[i], values[i], derivatives[i]);
        }

        return Sum(weights, values);
    }

    /// <summary>Nodes u in increasing order, symmetric about 0, and weights that sum to 1; even and odd indices are two rules.</summary>
    /// <param name="variance">q, at least 0; one node where it is 0.</param>
    /// <param name="step">The step in t of both rules together.</param>
    public static (double[] Nodes, double[] Weights) Rule(double variance, double step = Step)
    {
        if (variance == 0)
        {
            return ([0], [1]);
        }

        var deviation = Math.Sqrt(variance);
        var scale = Math.Min(1, deviation);
        var half = (int)Math.Ceiling(Math.Asinh(Reach * deviation / scale) / step);
        var nodes = new double[2 * half + 1];
        var weights = new double[nodes.Length];
        for (var k = 0; k <= half; k++)
        {
            var t = k * step;
            var u = scale * Math.Sinh(t);
            var z = u / deviation;
            var weight = step * (scale / deviation) * Math.Cosh(t) * Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
            (nodes[half - k], nodes[half + k]) = (-u, u);
            (weights[half - k], weights[half + k]) = (weight, weight);
        }

        return (nodes, weights);
    }

    /// <summary>The weighted sum, with the distance between the two rules and rounding as its error.</summary>
    public static GaussianExpectation Sum(double[] weights, ReadOnlySpan<double> values)
    {
        Span<double> sums = [0, 0];
        var magnitude = 0.0;
        for (var i = 0; i < weights.Length; i++)
        {
            var term = weights[i] * values[i];
            sums[i & 1] += term;
            magnitude += Math.Abs(term);
        }

        var apart = weights.Length == 1 ? 0 : Math.Abs(sums[0] - sums[1]);
        return new GaussianExpectation(sums[0] + sums[1], apart + 4 * Math.ScaleB(1, -52) * magnitude);
    }
}
