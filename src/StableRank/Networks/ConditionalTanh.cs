using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>E tanh(mu + s z) and E tanh'(mu + s z), z a standard Gaussian, for many means mu and one deviation s, to about 1e-16.</summary>
/// <remarks>
/// s below 1: the trapezoidal rule in z. The nearest pole is at distance pi/(2s), at least pi/2, so that step 1/4 errs by about
/// exp(-2 pi (pi/2) 4 + (pi/2)^2 / 2) = 3e-17. s of 1 and more: a rule in v = mu + s z, on the scale of tanh instead of the Gaussian's.
/// tanh' is concentrated there; of tanh that is true once erf(sqrt(pi) v / 2) is taken out, whose expectation is
/// erf(sqrt(pi)/2 mu / sqrt(1 + pi s^2 / 2)).
/// </remarks>
internal static class ConditionalTanh
{
    private const double Step = 0.25;
    private const double GaussianReach = 8.75;

    /// <summary>tanh - erf and tanh' are below 1e-17 beyond.</summary>
    private const double TanhReach = 20.5;

    private static readonly double ErfScale = Math.Sqrt(Math.PI) / 2;
    private static readonly double[] Standard = Grid(GaussianReach);
    private static readonly double[] StandardWeights = DensityOf(Standard);
    private static readonly double[] Wide = Grid(TanhReach);

    /// <param name="tanh">The activation.</param>
    /// <param name="means">mu.</param>
    /// <param name="deviation">s, at least 0.</param>
    /// <param name="derivative">tanh' instead of tanh.</param>
    /// <param name="results">As many as means.</param>
    public static void Expect(Activation tanh, ReadOnlySpan<double> means, double deviation, bool derivative, Span<double> results)
    {
        if (deviation < 1)
        {
            Narrow(tanh, means, deviation, derivative, results);
        }
        else
        {
            Broad(tanh, means, deviation, derivative, results);
        }
    }

    private static void Narrow(Activation tanh, ReadOnlySpan<double> means, double deviation, bool derivative, Span<double> results)
    {
        Span<double> values = stackalloc double[Standard.Length];
        for (var i = 0; i < means.Length; i++)
        {
            TensorPrimitives.Multiply(Standard, deviation, values);
            TensorPrimitives.Add(values, means[i], values);
            if (derivative)
            {
                tanh.Derivative<double>(values, values);
            }
            else
            {
                tanh.Apply<double>(values, values);
            }

            results[i] = TensorPrimitives.Dot<double>(values, StandardWeights);
        }
    }

    private static void Broad(Activation tanh, ReadOnlySpan<double> means, double deviation, bool derivative, Span<double> results)
    {
        Span<double> localised = stackalloc double[Wide.Length];
        Span<double> density = stackalloc double[Wide.Length];
        if (derivative)
        {
            tanh.Derivative<double>(Wide, localised);
            results.Clear();
        }
        else
        {
            tanh.Apply<double>(Wide, localised);
            TensorPrimitives.Multiply(Wide, ErfScale, density);
            VectorMath.Erf<double>(density, density);
            TensorPrimitives.Subtract(localised, density, localised);
            TensorPrimitives.Multiply(means, ErfScale / Math.Sqrt(1 + Math.PI * deviation * deviation / 2), results);
            VectorMath.Erf<double>(results, results);
        }

        var factor = Step / (deviation * Math.Sqrt(2 * Math.PI));
        var inverse = 1 / (deviation * Math.Sqrt(2));
        for (var i = 0; i < means.Length; i++)
        {
            TensorPrimitives.Subtract(Wide, means[i], density);
            TensorPrimitives.Multiply(density, inverse, density);
            TensorPrimitives.Multiply(density, density, density);
            TensorPrimitives.Negate(density, density);
            VectorMath.Exp<double>(density, density);
            results[i] += factor * TensorPrimitives.Dot<double>(density, localised);
        }
    }

    private static double[] Grid(double reach)
    {
        var half = (int)Math.Ceiling(reach / Step);
        return [.. Enumerable.Range(-half, 2 * half + 1).Select(k => k * Step)];
    }

    private static double[] DensityOf(double[] nodes) =>
        Array.ConvertAll(nodes, z => Step * Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI));
}
