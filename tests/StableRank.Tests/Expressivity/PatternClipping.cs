using MathNet.Numerics.LinearAlgebra;
using StableRank.Expressivity;
using StableRank.Networks;

namespace StableRank.Tests.Expressivity;

/// <summary>
/// Every activation pattern of a small network that occurs on a slice, with its area: for each of the 2^N patterns the polygon is clipped
/// by the N half-planes that the pattern means (Sutherland and Hodgman), without a look at any other pattern.
/// </summary>
internal static class PatternClipping
{
    /// <summary>Below this part of the slice a clipped polygon is rounding.</summary>
    private const double LeastArea = 1e-13;

    public static Dictionary<string, double> Of(Network<double> network, PlaneSlice slice)
    {
        var hidden = network.Layers.SkipLast(1).ToList();
        var neurons = hidden.Sum(layer => layer.OutputSize);
        var found = new Dictionary<string, double>();
        for (var pattern = 0; pattern < 1 << neurons; pattern++)
        {
            var polygon = slice.Corners.Select(c => (c.U, c.V)).ToList();
            var map = slice.Basis.Append(slice.Origin.ToColumnMatrix());
            var bit = 0;
            foreach (var layer in hidden)
            {
                layer.Activation.IsPiecewiseLinear(out var slope);
                var pre = layer.Weights * map;
                pre.SetColumn(2, pre.Column(2) + (layer.Bias ?? Vector<double>.Build.Dense(layer.OutputSize)));
                map = pre.Clone();
                for (var i = 0; i < layer.OutputSize; i++, bit++)
                {
                    var isOn = ((pattern >> bit) & 1) == 1;
                    polygon = Clip(polygon, pre.Row(i), isOn);
                    map.SetRow(i, pre.Row(i) * (isOn ? 1 : slope));
                }
            }

            if (Area(polygon) is var area && area > LeastArea * slice.Area)
            {
                found[string.Concat(Enumerable.Range(0, neurons).Select(b => ((pattern >> b) & 1) == 1 ? '1' : '0'))] = area;
            }
        }

        return found;
    }

    private static List<(double U, double V)> Clip(List<(double U, double V)> polygon, Vector<double> z, bool isOn)
    {
        if (z.AbsoluteMaximum() == 0)
        {
            // a neuron that vanishes is not positive
            return isOn ? [] : polygon;
        }

        var result = new List<(double U, double V)>();
        for (var i = 0; i < polygon.Count; i++)
        {
            var (p, q) = (polygon[i], polygon[(i + 1) % polygon.Count]);
            double zp = (z[0] * p.U) + (z[1] * p.V) + z[2], zq = (z[0] * q.U) + (z[1] * q.V) + z[2];
            if (isOn ? zp >= 0 : zp <= 0)
            {
                result.Add(p);
            }

            if (zp * zq < 0)
            {
                var share = zp / (zp - zq);
                result.Add((p.U + (share * (q.U - p.U)), p.V + (share * (q.V - p.V))));
            }
        }

        return result;
    }

    private static double Area(List<(double U, double V)> polygon)
    {
        var sum = 0.0;
        for (var i = 0; i < polygon.Count; i++)
        {
            var (p, q) = (polygon[i], polygon[(i + 1) % polygon.Count]);
            sum += (p.U * q.V) - (q.U * p.V);
        }

        return sum / 2;
    }
}
