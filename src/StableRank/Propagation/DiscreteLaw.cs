namespace StableRank.Propagation;

/// <summary>
/// A finite measure on the positive axis: values t_i in decreasing order, each as often as its weight c_i says, which need not be whole.
/// Zeros are left out: they do not show in Psi(w) = sum c_i w t_i/(1 - w t_i).
/// </summary>
internal sealed class DiscreteLaw
{
    /// <summary>Values this near to each other, relative to the greater, are one.</summary>
    private const double Equal = 4.4e-16;

    /// <summary>The weights of a quadrature sum to the width but for this.</summary>
    private const double Rounding = 1e-12;

    private DiscreteLaw(double logScale, double[] values, double[] weights)
    {
        (LogScale, Values, Weights) = (logScale, values, weights);
        var sum = weights.Sum();
        var halves = Math.Round(2 * sum) / 2;
        Rank = Math.Abs(sum - halves) < Rounding * sum ? halves : sum;
        for (var i = 0; i < values.Length; i++)
        {
            Trace += weights[i] * values[i];
            TraceOfSquare += weights[i] * values[i] * values[i];
        }
    }

    /// <summary>The log of the greatest value; minus infinity where there is none above 0.</summary>
    public double LogScale { get; }

    /// <summary>t_i over the greatest: the first is 1.</summary>
    public double[] Values { get; }

    /// <summary>c_i.</summary>
    public double[] Weights { get; }

    /// <summary>sum c_i.</summary>
    public double Rank { get; }

    /// <summary>sum c_i t_i over the greatest value.</summary>
    public double Trace { get; }

    /// <summary>The same of the squares, over the greatest value's.</summary>
    public double TraceOfSquare { get; }

    /// <summary>1/p = tr A^2 / (tr A)^2.</summary>
    public double InverseParticipationRank => TraceOfSquare / (Trace * Trace);

    /// <summary>Whether the two are multiples of one law, of the same weights.</summary>
    public bool HasShapeOf(DiscreteLaw other) =>
        Values.AsSpan().SequenceEqual(other.Values) && Weights.AsSpan().SequenceEqual(other.Weights);

    /// <summary>The law of the squares of these numbers, each with its weight.</summary>
    public static DiscreteLaw OfSquares(ReadOnlySpan<double> roots, Func<int, double> weight)
    {
        var sizes = new double[roots.Length];
        var weights = new double[roots.Length];
        for (var i = 0; i < roots.Length; i++)
        {
            (sizes[i], weights[i]) = (Math.Abs(roots[i]), weight(i));
        }

        Array.Sort(sizes, weights);
        Array.Reverse(sizes);
        Array.Reverse(weights);
        var top = sizes.Length == 0 ? 0 : sizes[0];
        var (values, counts) = (new List<double>(), new List<double>());
        for (var i = 0; i < sizes.Length; i++)
        {
            // a square that leaves the range of double is a zero beside the greatest
            var value = sizes[i] / top * (sizes[i] / top);
            if (!(value > 0) || weights[i] == 0)
            {
                continue;
            }

            if (values.Count > 0 && values[^1] - value <= Equal * values[^1])
            {
                counts[^1] += weights[i];
            }
            else
            {
                values.Add(value);
                counts.Add(weights[i]);
            }
        }

        return new DiscreteLaw(2 * Math.Log(top), [.. values], [.. counts]);
    }
}
