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
    /// <summary>tanh - erf and tanh' are below 1e-17 beyond.</summary>
    private const double TanhReach = 20.5;

    private static readonly double ErfScale = Math.Sqrt(Math.PI) / 2;
    private static readonly double[] Wide = ConditionalTrapezoid.Grid(TanhReach);

    /// <param name="tanh">The activation.</param>
    /// <param name="means">mu.</param>
    /// <param name="deviation">s, at least 0.</param>
    /// <param name="derivative">tanh' instead of tanh.</param>
    /// <param name="results">As many as means.</param>
    public static void Expect(Activation tanh, ReadOnlySpan<double> means, double deviation, bool derivative, Span<double> results)
    {
        if (deviation < 1)
        {
            ConditionalTrapezoid.Narrow(tanh, means, deviation, derivative, results);
        }
        else
        {
            Broad(tanh, means, deviation, derivative, results);
        }
    }

    private static void Broad(Activation tanh, ReadOnlySpan<double> means, double deviation, bool derivative, Span<double> results)
    {
        Span<double> localised = stackalloc double[Wide.Length];
        if (derivative)
        {
            tanh.Derivative<double>(Wide, localised);
            results.Clear();
        }
        else
        {
            tanh.Apply<double>(Wide, localised);
            Span<double> erf = stackalloc double[Wide.Length];
            TensorPrimitives.Multiply(Wide, ErfScale, erf);
            VectorMath.Erf<double>(erf, erf);
            TensorPrimitives.Subtract(localised, erf, localised);
            TensorPrimitives.Multiply(means, ErfScale / Math.Sqrt(1 + Math.PI * deviation * deviation / 2), results);
            VectorMath.Erf<double>(results, results);
        }

        ConditionalTrapezoid.AddBroad(Wide, localised, means, deviation, results);
    }
}
