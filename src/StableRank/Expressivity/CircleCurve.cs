namespace StableRank.Expressivity;

/// <summary>a cos t + u sin t, u orthogonal to a and as long.</summary>
internal sealed class CircleCurve(double[] start, double[] quarter) : Curve(start.Length, 0, 2 * Math.PI, isClosed: true)
{
    /// <summary>Below this share of b, what is orthogonal to a is rounding.</summary>
    private const double Parallel = 1e-12;

    internal override void Evaluate(double t, Span<double> point, Span<double> tangent)
    {
        // the last point is the first to the last bit
        var (sine, cosine) = t == End ? (0, 1) : Math.SinCos(t);
        for (var i = 0; i < point.Length; i++)
        {
            point[i] = cosine * start[i] + sine * quarter[i];
            tangent[i] = cosine * quarter[i] - sine * start[i];
        }
    }

    /// <summary>What of b is orthogonal to a, made as long as a.</summary>
    internal static double[] Orthogonal(double[] a, double[] b)
    {
        var (length, other) = (Math.Sqrt(Dot(a, a)), Math.Sqrt(Dot(b, b)));
        if (!double.IsFinite(length) || !double.IsFinite(other) || length == 0 || other == 0)
        {
            throw new ArgumentException($"The vectors have norms {length} and {other}; expected positive ones in the range of double.");
        }

        var u = Array.ConvertAll(b, entry => entry / other);

        // twice is enough: what the first projection leaves is of the size of its rounding
        for (var round = 0; round < 2; round++)
        {
            var share = Dot(a, u) / length / length;
            for (var i = 0; i < u.Length; i++)
            {
                u[i] -= share * a[i];
            }
        }

        var rest = Math.Sqrt(Dot(u, u));
        if (rest < Parallel)
        {
            throw new ArgumentException($"The two vectors are parallel (sine of their angle {rest:G2}); they span no plane.");
        }

        return Array.ConvertAll(u, entry => entry / rest * length);
    }

    // in the order of the entries: the same to the last bit on every processor
    internal static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
