namespace StableRank.Propagation;

/// <content>The support.</content>
public sealed partial class JacobianDensity
{
    /// <summary>Below this log x nothing is looked for: at the end of the range of double.</summary>
    private const double LeastLog = -700;

    /// <summary>Intervals of log x in which gaps are looked for.</summary>
    private const double FirstStep = 0.25;

    /// <summary>Gaps of less than this part of the interval may be overlooked: 0.02 in log x.</summary>
    private const double Resolution = 0.08;

    /// <summary>A band of less than this weight, in singular values, is not looked for between two points outside.</summary>
    private const double LeastWeight = 1e-7;

    /// <summary>
    /// Where a law of slopes is a quadrature's nodes: below this weight single nodes may show, and the true law goes on to 0.
    /// </summary>
    private const double NodesShowBelow = 0.5;

    /// <summary>How much wider gaps must be there than elsewhere.</summary>
    private const double NodesWiden = 5;

    /// <summary>Edges are found to this in log x.</summary>
    private const double EdgeAccuracy = 1e-12;

    private List<JacobianBand> FindBands()
    {
        var edges = new List<double>();
        var high = _equation.LogBound + 1e-9;
        var atHigh = new SolvedPoint(0, 1, 0, 0, true);
        var step = FirstStep;
        while (true)
        {
            var low = high - step;
            if (low < LeastLog)
            {
                break;
            }

            var atLow = Solve(low);
            Search(low, atLow, high, atHigh, Resolution * step * (_equation.IsSmooth ? NodesWiden : 1), edges);
            (high, atHigh) = (low, atLow);
            var left = (atLow.Probability - AtomAtZero) * Count;
            if (_equation.IsSmooth && left < NodesShowBelow)
            {
                if (edges.Count % 2 == 0)
                {
                    edges.RemoveAt(edges.Count - 1);
                }

                break;
            }

            if (!atLow.IsInside && left < LeastWeight)
            {
                break;
            }

            // far down only the hard edge is left: its density is a power of x
            step = left < 0.01 * _equation.Rank ? 2 * step : step;
        }

        if (edges.Count % 2 == 1)
        {
            edges.Add(double.NegativeInfinity);
        }

        var bands = new List<JacobianBand>();
        for (var i = 0; i < edges.Count; i += 2)
        {
            var (upper, lower) = (edges[i], edges[i + 1]);
            var bottom = double.IsNegativeInfinity(lower) ? AtomAtZero : Outside(lower, -1);
            bands.Add(new JacobianBand(Math.Exp(lower), Math.Exp(upper), Outside(upper, 1) - bottom));
        }

        return bands;
    }

    /// <summary>The distribution function just outside an edge.</summary>
    private double Outside(double edge, int side) => Solve(edge + side * 1e-9).Probability;

    /// <summary>Adds the edges between two points, greatest first.</summary>
    private void Search(double low, SolvedPoint atLow, double high, SolvedPoint atHigh, double resolution, List<double> edges)
    {
        if (atLow.IsInside != atHigh.IsInside && high - low <= resolution)
        {
            edges.Add(Edge(low, atLow, high, atHigh));
            return;
        }

        var weight = (atHigh.Probability - atLow.Probability) * Count - Atoms.Sum(
            atom => Math.Log(atom.X) is var at && at > low && at <= high ? atom.Probability * Count : 0);
        var empty = !atLow.IsInside && !atHigh.IsInside && weight < LeastWeight;
        if (empty || (atLow.IsInside && atHigh.IsInside && high - low <= resolution) || high - low < EdgeAccuracy)
        {
            return;
        }

        var middle = 0.5 * (low + high);
        var atMiddle = Solve(middle);
        Search(middle, atMiddle, high, atHigh, resolution, edges);
        Search(low, atLow, middle, atMiddle, resolution, edges);
    }

    /// <summary>
    /// Near an edge (Im M)^2 is linear in x: secants on it from two points inside, halving where they leave the bracket.
    /// </summary>
    private double Edge(double low, SolvedPoint atLow, double high, SolvedPoint atHigh)
    {
        var (inside, outside) = atLow.IsInside ? (low, high) : (high, low);
        var value = Square(atLow.IsInside ? atLow : atHigh);
        var (before, valueBefore) = (double.NaN, double.NaN);
        for (var step = 0; step < 100 && Math.Abs(outside - inside) > EdgeAccuracy; step++)
        {
            var guess = inside + value * (inside - before) / (valueBefore - value);
            var fraction = (guess - inside) / (outside - inside);

            // a secant's point lies a little within: there the density is still to be seen
            var next = step % 3 < 2 && fraction is > 0 and < 1
                ? inside + (outside - inside) * Math.Min(fraction * 0.999, 0.999)
                : 0.5 * (inside + outside);
            var at = Solve(next);
            if (at.IsInside)
            {
                (before, valueBefore, inside, value) = (inside, value, next, Square(at));
            }
            else
            {
                outside = next;
            }
        }

        return outside;

        static double Square(SolvedPoint point) => point.DensityInLog * point.DensityInLog;
    }
}
