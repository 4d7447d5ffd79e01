using MathNet.Numerics.LinearAlgebra;
using StableRank.Kernels;
using StableRank.Networks;

namespace StableRank.Tests.Kernels;

/// <summary>
/// The recursions of convolutional and recurrent models for one pair of inputs, written a second time: sums over taps by the library's own
/// convolution of one channel, with a kernel of ones.
/// </summary>
internal static class PositionRecursion
{
    public static (double Nngp, double Ntk) Of(Model model, Vector<double> x, Vector<double> y, KernelParameterization parameterization)
    {
        var (xy, xx, yy) = (Inputs(model, x, y), Inputs(model, x, x), Inputs(model, y, y));
        var theta = new double[xy.Length];
        foreach (var layer in model.Layers)
        {
            var standard = parameterization == KernelParameterization.Standard;
            var gain = layer.Weights.Moments.Gain;
            var weight = standard ? layer.Weights.Columns : gain;
            var bias = standard ? (layer.BiasVariance > 0 ? 1 : 0) : layer.BiasVariance;
            var (a, aX, aY, h) = (Mean(layer, xy), Mean(layer, xx), Mean(layer, yy), Mean(layer, theta));
            (xy, xx, yy, theta) = (new double[a.Length], new double[a.Length], new double[a.Length], new double[a.Length]);
            for (var p = 0; p < a.Length; p++)
            {
                var k = gain * a[p] + layer.BiasVariance;
                var kX = gain * aX[p] + layer.BiasVariance;
                var kY = gain * aY[p] + layer.BiasVariance;
                var t = weight * a[p] + bias + gain * h[p];
                if (layer is ElmanSpecification elman && p > 0)
                {
                    var recurrent = elman.RecurrentWeights.Moments.Gain;
                    (k, kX, kY) = (k + recurrent * xy[p - 1], kX + recurrent * xx[p - 1], kY + recurrent * yy[p - 1]);
                    t += (standard ? elman.Weights.Rows : recurrent) * xy[p - 1] + recurrent * theta[p - 1];
                }

                var c = kX * kY == 0 ? 0 : Math.Clamp(k / Math.Sqrt(kX * kY), -1, 1);
                c = 1 - Math.Abs(c) < 4e-15 ? Math.Round(c) : c;
                var dual = layer.Activation.Dual;
                theta[p] = t * dual.DerivativeProduct(kX, kY, c).Value;
                (xy[p], xx[p], yy[p]) = (dual.Product(kX, kY, c).Value, dual.Square(kX).Value, dual.Square(kY).Value);
            }
        }

        return (xy.Average(), theta.Average());
    }

    private static double[] Inputs(Model model, Vector<double> x, Vector<double> y)
    {
        var positions = model.Layers[0] switch
        {
            ConvolutionSpecification convolution => convolution.InputSize / convolution.Shape.Channels,
            ElmanSpecification elman => elman.Steps,
            _ => 1,
        };
        var size = x.Count / positions;
        return
        [
            .. Enumerable.Range(0, positions).Select(p => Enumerable.Range(0, size).Average(c =>
            {
                var index = model.Layers[0] is ConvolutionSpecification ? c * positions + p : p * size + c;
                return x[index] * y[index];
            })),
        ];
    }

    /// <summary>The mean over what each position of the layer sees.</summary>
    private static double[] Mean(LayerSpecification layer, double[] below)
    {
        switch (layer)
        {
            case ElmanSpecification elman:
                return below.Length == 1 ? [.. Enumerable.Repeat(below[0], elman.Steps)] : below;
            case ConvolutionSpecification { Shape: { } shape }:
                var one = shape.Dimensions == 1
                    ? new ConvolutionShape(1, shape.Horizontal)
                    : new ConvolutionShape(1, shape.Vertical, shape.Horizontal);
                var ones = new ConvolutionLayer<double>(one, Matrix<double>.Build.Dense(1, one.PatchSize, 1), null, Activation.Linear);
                var image = below.Length == 1 ? Enumerable.Repeat(below[0], one.InputSize).ToArray() : below;
                var sums = new Network<double>([ones]).Forward(Matrix<double>.Build.Dense(one.InputSize, 1, image)).Outputs;
                return (sums / one.PatchSize).ToColumnMajorArray();
            default:
                return [below.Average()];
        }
    }
}
