using MathNet.Numerics.LinearAlgebra;
using StableRank.Kernels;
using StableRank.Networks;

namespace StableRank.Tests.Kernels;

/// <summary>Theory (5.1) and (5.3) for one pair of inputs, written a second time and as plainly as possible.</summary>
internal static class ScalarRecursion
{
    public static (double Nngp, double Ntk) Of(Model model, Vector<double> x, Vector<double> y, KernelParameterization parameterization)
    {
        double xx = x * x, yy = y * y, xy = x * y;
        var n0 = (double)x.Count;
        var theta = 0.0;
        for (var l = 0; l < model.Depth; l++)
        {
            var layer = model.Layers[l];
            var gain = layer.Weights.Moments.Gain;
            var variance = layer.BiasVariance;
            // second moments of the activations below, per neuron; (the inputs: per feature)
            var scale = l == 0 ? 1 / n0 : 1;
            var (below, belowX, belowY) = (xy * scale, xx * scale, yy * scale);
            var own = parameterization == KernelParameterization.Ntk
                ? gain * below + variance
                : layer.InputSize * below + (variance > 0 ? 1 : 0);
            theta = own + gain * theta;
            (xy, xx, yy) = (gain * below + variance, gain * belowX + variance, gain * belowY + variance);
            if (layer.Activation == Activation.Linear)
            {
                continue;
            }

            var dual = layer.Activation.Dual;
            var c = xx == 0 || yy == 0 ? 0 : Math.Clamp(xy / Math.Sqrt(xx * yy), -1, 1);
            c = 1 - Math.Abs(c) < 4e-15 ? Math.Round(c) : c;
            theta *= dual.DerivativeProduct(xx, yy, c).Value;
            (xy, xx, yy) = (dual.Product(xx, yy, c).Value, dual.Square(xx).Value, dual.Square(yy).Value);
        }

        return (xy, theta);
    }

    /// <summary>The greatest deviation of a result from the recursion, relative to sqrt(k(x, x) k(y, y)).</summary>
    public static double Deviation(LimitKernelResult result, LimitKernel kernel, Matrix<double> inputs, Matrix<double> others)
    {
        var greatest = 0.0;
        for (var i = 0; i < inputs.ColumnCount; i++)
        {
            var (x, own) = (inputs.Column(i), Of(kernel.Model, inputs.Column(i), inputs.Column(i), kernel.Parameterization));
            for (var j = 0; j < others.ColumnCount; j++)
            {
                var y = others.Column(j);
                var other = Of(kernel.Model, y, y, kernel.Parameterization);
                var expected = Of(kernel.Model, x, y, kernel.Parameterization);
                greatest = Math.Max(greatest, Relative(result.Nngp[i, j], expected.Nngp, own.Nngp * other.Nngp));
                greatest = Math.Max(greatest, Relative(result.Ntk[i, j], expected.Ntk, own.Ntk * other.Ntk));
            }
        }

        return greatest;
    }

    private static double Relative(double actual, double expected, double scale)
    {
        var difference = Math.Abs(actual - expected);
        return double.IsNaN(difference) ? double.PositiveInfinity : difference == 0 ? 0 : difference / Math.Sqrt(scale);
    }
}
