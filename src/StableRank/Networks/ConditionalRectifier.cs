using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// E phi(mu + s z) and E phi'(mu + s z), z a standard Gaussian, for a phi that is 0 far on the left and z far on the right up to terms of
/// |z| exp(-|z|), with its nearest singularity at i pi: softplus and SiLU. To about 1e-16 of max(1, |mu|, s).
/// </summary>
/// <remarks>
/// s below 1: the trapezoidal rule in z; the singularity is at distance pi/s, so that step 1/4 errs by less than exp(-2 pi 2 4 + 2). s of 1
/// and more: a rule in v = mu + s z for what is left of phi when r(v) = v Phi(v/t) is taken out, concentrated near 0; and in closed form
/// E r = mu Phi(mu/T) + (s^2/T) n(mu/T), E r' = Phi(mu/T) + (t/T)^2 (mu/T) n(mu/T), T^2 = t^2 + s^2, n the normal density.
/// </remarks>
internal sealed class ConditionalRectifier
{
    /// <summary>|z| exp(-|z|) is below 1e-17 beyond.</summary>
    private const double LocalReach = 43;

    /// <summary>t: Phi(v/t) is near the logistic function.</summary>
    private const double Width = 1.702;

    private static readonly double[] Local = ConditionalTrapezoid.Grid(LocalReach);

    private double[]? _values;
    private double[]? _slopes;

    /// <summary>A <see cref="ConditionalRule"/>, of one activation only.</summary>
    public void Expect(Activation activation, ReadOnlySpan<double> means, double deviation, bool derivative, Span<double> results)
    {
        if (deviation < 1)
        {
            ConditionalTrapezoid.Narrow(activation, means, deviation, derivative, results);
        }
        else
        {
            var localised = derivative ? _slopes ??= Slopes(activation) : _values ??= Values(activation);
            Broad(localised, means, deviation, derivative, results);
        }
    }

    private static void Broad(double[] localised, ReadOnlySpan<double> means, double deviation, bool derivative, Span<double> results)
    {
        var total = Math.Sqrt(Width * Width + deviation * deviation);
        var (distribution, density) = (new double[means.Length], new double[means.Length]);
        Normal(means, total, distribution, density);
        for (var i = 0; i < means.Length; i++)
        {
            results[i] = derivative
                ? distribution[i] + Width / total * (Width / total) * (means[i] / total) * density[i]
                : means[i] * distribution[i] + deviation / total * deviation * density[i];
        }

        ConditionalTrapezoid.AddBroad(Local, localised, means, deviation, results);
    }

    private static double[] Values(Activation activation)
    {
        var (values, distribution, density) = (new double[Local.Length], new double[Local.Length], new double[Local.Length]);
        Normal(Local, Width, distribution, density);
        activation.Apply<double>(Local, values);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] -= Local[i] * distribution[i];
        }

        return values;
    }

    private static double[] Slopes(Activation activation)
    {
        var (values, distribution, density) = (new double[Local.Length], new double[Local.Length], new double[Local.Length]);
        Normal(Local, Width, distribution, density);
        activation.Derivative<double>(Local, values);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] -= distribution[i] + Local[i] / Width * density[i];
        }

        return values;
    }

    /// <summary>Phi(x/t) and n(x/t).</summary>
    private static void Normal(ReadOnlySpan<double> x, double t, double[] distribution, double[] density)
    {
        TensorPrimitives.Multiply(x, 1 / (t * Math.Sqrt(2)), distribution);
        TensorPrimitives.Multiply(distribution, distribution, density);
        TensorPrimitives.Negate(density, density);
        VectorMath.Exp<double>(density, density);
        TensorPrimitives.Multiply(density, 1 / Math.Sqrt(2 * Math.PI), density);
        VectorMath.Erf<double>(distribution, distribution);
        TensorPrimitives.Add(distribution, 1, distribution);
        TensorPrimitives.Multiply(distribution, 0.5, distribution);
    }
}
