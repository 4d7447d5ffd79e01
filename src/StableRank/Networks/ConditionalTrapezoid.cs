using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// The trapezoidal rule of step 1/4 for E f(mu + s z), z a standard Gaussian: in z, where s is small, and in v = mu + s z, where s is not
/// and f is concentrated near 0.
/// </summary>
internal static class ConditionalTrapezoid
{
    private const double Step = 0.25;
    private const double GaussianReach = 8.75;

    private static readonly double[] Standard = Grid(GaussianReach);
    private static readonly double[] StandardWeights =
        Array.ConvertAll(Standard, z => Step * Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI));

    /// <summary>The nodes from about -reach to reach, symmetric about 0.</summary>
    public static double[] Grid(double reach)
    {
        var half = (int)Math.Ceiling(reach / Step);
        return [.. Enumerable.Range(-half, 2 * half + 1).Select(k => k * Step)];
    }

    /// <summary>E phi(mu + s z) or E phi'(mu + s z), for an s below 1.</summary>
    /// <param name="activation">phi.</param>
    /// <param name="means">mu.</param>
    /// <param name="deviation">s, at least 0.</param>
    /// <param name="derivative">phi' instead of phi.</param>
    /// <param name="results">As many as means.</param>
    public static void Narrow(
        Activation activation, ReadOnlySpan<double> means, double deviation, bool derivative, Span<double> results)
    {
        Span<double> values = stackalloc double[Standard.Length];
        for (var i = 0; i < means.Length; i++)
        {
            TensorPrimitives.Multiply(Standard, deviation, values);
            TensorPrimitives.Add(values, means[i], values);
            if (derivative)
            {
                activation.Derivative<double>(values, values);
            }
            else
            {
                activation.Apply<double>(values, values);
            }

            results[i] = TensorPrimitives.Dot<double>(values, StandardWeights);
        }
    }

    /// <summary>Adds E f(mu + s z) for an s of 1 and more.</summary>
    /// <param name="nodes">A <see cref="Grid"/> beyond which f is nothing.</param>
    /// <param name="values">f at the nodes.</param>
    /// <param name="means">mu.</param>
    /// <param name="deviation">s.</param>
    /// <param name="results">As many as means; added to.</param>
    public static void AddBroad(
        double[] nodes, ReadOnlySpan<double> values, ReadOnlySpan<double> means, double deviation, Span<double> results)
    {
        Span<double> window = stackalloc double[nodes.Length];
        var factor = Step / (deviation * Math.Sqrt(2 * Math.PI));
        var inverse = 1 / (deviation * Math.Sqrt(2));
        for (var i = 0; i < means.Length; i++)
        {
            TensorPrimitives.Subtract(nodes, means[i], window);
            TensorPrimitives.Multiply(window, inverse, window);
            TensorPrimitives.Multiply(window, window, window);
            TensorPrimitives.Negate(window, window);
            VectorMath.Exp<double>(window, window);
            results[i] += factor * TensorPrimitives.Dot<double>(window, values);
        }
    }
}
