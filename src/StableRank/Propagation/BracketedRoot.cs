namespace StableRank.Propagation;

/// <summary>A root of a continuous function between two points where its signs differ, to the last digits of the argument.</summary>
internal static class BracketedRoot
{
    private const int MaxSteps = 200;

    /// <summary>Chandrupatla 1997: inverse quadratic interpolation where the three last points bear it, halving otherwise.</summary>
    /// <param name="function">f.</param>
    /// <param name="a">One end.</param>
    /// <param name="b">The other end, with f(a) f(b) at most 0.</param>
    public static double Solve(Func<double, double> function, double a, double b)
    {
        var (fa, fb) = (function(a), function(b));
        var (c, fc) = (a, fa);
        var fraction = 0.5;
        for (var step = 0; step < MaxSteps; step++)
        {
            var best = Math.Abs(fa) < Math.Abs(fb) ? a : b;
            var resolution = 2 * Math.ScaleB(1, -52) * Math.Abs(best) / Math.Max(Math.Abs(b - a), double.Epsilon);
            if (fa == 0 || fb == 0 || resolution >= 0.5)
            {
                return best;
            }

            var t = Math.Clamp(fraction, resolution, 1 - resolution);
            var x = a + t * (b - a);
            var fx = function(x);
            if (Math.Sign(fx) == Math.Sign(fa))
            {
                (c, fc) = (a, fa);
            }
            else
            {
                (c, fc) = (b, fb);
                (b, fb) = (a, fa);
            }

            (a, fa) = (x, fx);
            var xi = (a - b) / (c - b);
            var phi = (fa - fb) / (fc - fb);
            fraction = phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi
                ? fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
                : 0.5;
        }

        return Math.Abs(fa) < Math.Abs(fb) ? a : b;
    }

    /// <summary>
    /// Every root that changes the sign between two neighbours of a geometric grid, in increasing order; both ends positive.
    /// </summary>
    public static List<double> SolveAll(Func<double, double> function, double low, double high, int perDecade)
    {
        var count = Math.Max(1, (int)Math.Ceiling(Math.Log10(high / low) * perDecade));
        var step = Math.Log(high / low) / count;
        var roots = new List<double>();
        var (x, fx) = (low, function(low));
        for (var i = 1; i <= count; i++)
        {
            var next = i == count ? high : low * Math.Exp(i * step);
            var value = function(next);
            if (fx == 0)
            {
                roots.Add(x);
            }
            else if (fx * value < 0)
            {
                roots.Add(Solve(function, x, next));
            }

            (x, fx) = (next, value);
        }

        if (fx == 0)
        {
            roots.Add(x);
        }

        return roots;
    }
}
