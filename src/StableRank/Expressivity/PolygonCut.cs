namespace StableRank.Expressivity;

/// <summary>
/// Cuts convex polygons along the lines on which neurons of one layer vanish. Every edge is cut once: the polygon on its other side gets
/// the same corner, so that the polygons fit without gap or overlap.
/// </summary>
internal sealed class PolygonCut(PartitionVertices vertices)
{
    private readonly Dictionary<(int, int), int> _onEdges = [];
    private readonly List<int> _positive = [];
    private readonly List<int> _negative = [];

    /// <summary>
    /// The two parts of a polygon that has corners on both sides; null where rounding made the sign change more than twice on the way
    /// around.
    /// </summary>
    public (int[] Positive, int[] Negative)? TryCut(int[] polygon, int neuron)
    {
        _positive.Clear();
        _negative.Clear();
        var start = Array.FindIndex(polygon, v => vertices.Sign(v, neuron) < 0);
        var (side, changes) = (-1, 0);
        for (var step = 1; step <= polygon.Length; step++)
        {
            var index = (start + step) % polygon.Length;
            var v = polygon[index];
            var sign = vertices.Sign(v, neuron);
            if (sign == 0 && NextSign(polygon, index, neuron) != side)
            {
                // the line goes through this corner
                _positive.Add(v);
                _negative.Add(v);
                (side, changes) = (-side, changes + 1);
                continue;
            }

            if (sign == -side)
            {
                var w = OnEdge(polygon[(index + polygon.Length - 1) % polygon.Length], v, neuron);
                _positive.Add(w);
                _negative.Add(w);
                (side, changes) = (sign, changes + 1);
            }

            (side > 0 ? _positive : _negative).Add(v);
        }

        return changes == 2 ? ([.. _positive], [.. _negative]) : null;
    }

    private int NextSign(int[] polygon, int index, int neuron)
    {
        int sign;
        do
        {
            index = (index + 1) % polygon.Length;
            sign = vertices.Sign(polygon[index], neuron);
        }
        while (sign == 0);
        return sign;
    }

    private int OnEdge(int a, int b, int neuron)
    {
        var edge = (Math.Min(a, b), Math.Max(a, b));
        if (_onEdges.TryGetValue(edge, out var known) && vertices.Sign(known, neuron) == 0)
        {
            return known;
        }

        return _onEdges[edge] = vertices.Split(a, b, neuron);
    }
}
