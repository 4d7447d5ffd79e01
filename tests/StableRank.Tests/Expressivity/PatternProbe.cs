using MathNet.Numerics.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Tests.Expressivity;

/// <summary>
/// Another way to the regions of a small network: the signs of its hidden neurons, point by point, and bounds on how fast they move.
/// </summary>
internal sealed class PatternProbe(Network<double> network)
{
    /// <summary>
    /// Cells of the refined grid that are narrower are not refined: rounding in t is 1e-16, the narrowest regions are about 1e-7.
    /// </summary>
    private const double Finest = 1e-11;

    /// <summary>The hidden pre-activations at an input, first layer first.</summary>
    public double[] Pre(Vector<double> x)
    {
        var all = new List<double>();
        foreach (var layer in network.Layers.SkipLast(1))
        {
            layer.Activation.IsPiecewiseLinear(out var slope).Should().BeTrue();
            var z = layer.Weights * x + (layer.Bias ?? Vector<double>.Build.Dense(layer.OutputSize));
            all.AddRange(z);
            x = z.Map(value => value > 0 ? value : slope * value);
        }

        return [.. all];
    }

    /// <summary>
    /// The number of changes of the activation pattern along a segment, plus 1, by a grid that is refined until between two points no
    /// neuron can change its sign any more, or the points are <see cref="Finest"/> apart. A neuron cannot where a bound on its slope keeps
    /// it from zero, or where no neuron below can, so that it is affine there, and it has one sign at both points.
    /// </summary>
    public int CountAlong(Vector<double> from, Vector<double> to)
    {
        var bounds = SlopeBounds(to - from);
        int[] widths = [.. network.Layers.SkipLast(1).Select(layer => layer.OutputSize)];
        return 1 + Changes(0, Pre(from), 1, Pre(to));

        int Changes(double left, double[] atLeft, double right, double[] atRight)
        {
            var (isSafe, differs, first) = (true, false, 0);
            foreach (var width in widths)
            {
                var isAffine = isSafe;
                for (var i = first; i < first + width; i++)
                {
                    var changes = (atLeft[i] > 0) != (atRight[i] > 0);
                    differs |= changes;
                    isSafe &= isAffine ? !changes : Math.Abs(atLeft[i]) + Math.Abs(atRight[i]) > bounds[i] * (right - left);
                }

                first += width;
            }

            if (isSafe || right - left < Finest)
            {
                return differs ? 1 : 0;
            }

            var middle = (left + right) / 2;
            var atMiddle = Pre(from + (middle * (to - from)));
            return Changes(left, atLeft, middle, atMiddle) + Changes(middle, atMiddle, right, atRight);
        }
    }

    /// <summary>For every hidden neuron a number that |dz/dt| does not exceed.</summary>
    private double[] SlopeBounds(Vector<double> direction)
    {
        var all = new List<double>();
        Vector<double>? bound = null;
        foreach (var layer in network.Layers.SkipLast(1))
        {
            layer.Activation.IsPiecewiseLinear(out var slope);
            var z = bound is null ? (layer.Weights * direction).PointwiseAbs() : layer.Weights.PointwiseAbs() * bound;
            all.AddRange(z);
            bound = z * Math.Max(1, Math.Abs(slope));
        }

        return [.. all];
    }
}
