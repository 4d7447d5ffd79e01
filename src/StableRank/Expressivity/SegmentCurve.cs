namespace StableRank.Expressivity;

/// <summary>A straight line from a to b.</summary>
internal sealed class SegmentCurve(double[] from, double[] to) : Curve(from.Length, 0, 1, isClosed: false)
{
    internal override void Evaluate(double t, Span<double> point, Span<double> tangent)
    {
        for (var i = 0; i < point.Length; i++)
        {
            // exact at both ends
            point[i] = (1 - t) * from[i] + t * to[i];
            tangent[i] = to[i] - from[i];
        }
    }
}
