using StableRank.Randomness;

namespace StableRank.Spectra;

/// <summary>
/// Exact sampler of the uniform law on the slice S(n, t) = { x in [0, 1]^n : x_1 + ... + x_n = t }, n &gt;= 1, 0 &lt;= t &lt;= n.
/// </summary>
/// <remarks>
/// <para>The slice is the union of the cones with apex at its centre (t/n, ..., t/n) over its facets. The facet x_i = 0 is S(n-1, t), at a
/// distance proportional to t, and the facet x_i = 1 is S(n-1, t-1), at a distance proportional to n - t in the same unit, so a uniform
/// point lies over a facet of the second kind with probability p = (n-t) f(n-1, t-1) / (t f(n-1, t) + (n-t) f(n-1, t-1)), f(n, .) the
/// density of the sum of n uniforms (the B-spline recursion). Within a cone the base point is uniform on the facet, a slice of the
/// same kind, and the distance from the apex goes as u^(1/(n-1)), u uniform. It is the decomposition of Stafford's randfixedsum.</para>
/// <para>What is stored is p for every state that a draw can reach. Only the ratios R(n, t) = f(n, t)/f(n, t-1) are needed, and they obey
/// R(n, t) = (t R(n-1, t) + (n-t)) / ((t-1) + (n-t+1) / R(n-1, t-1)): sums of positive terms, hence a relative error of a few n ulps
/// at any n, where f itself leaves the range of a double at n = 171. A ratio past that range is infinity or zero, and p is then 0 or 1 to
/// within 1e-300. Building costs O(n^2) and stores at most n^2/4 numbers; a draw costs O(n).</para>
/// </remarks>
internal sealed class UniformSlice
{
    private readonly int _count;
    private readonly double _fraction;     // t = _fraction + _whole, _fraction in (0, 1]
    private readonly int _whole;
    private readonly bool _mirrored;       // t > n/2 is sampled as 1 - x with sum n - t
    private readonly double[][] _ones;     // _ones[i][j - First(i)]: the probability p with i variables to go and sum _fraction + j

    public UniformSlice(int count, double sum)
    {
        _count = count;
        Sum = sum;
        _mirrored = sum > 0.5 * count;
        double direct = _mirrored ? count - sum : sum;
        _whole = Math.Max((int)Math.Ceiling(direct) - 1, 0);
        _fraction = direct - _whole;
        _ones = new double[count + 1][];
        Build();
    }

    /// <summary>n.</summary>
    public int Count => _count;

    /// <summary>t.</summary>
    public double Sum { get; }

    /// <summary>Fills <paramref name="x"/>, of n elements, with a uniform point of the slice, in an order that is not
    /// exchangeable.</summary>
    public void Draw(Span<double> x, RandomStream stream)
    {
        int j = _whole;
        double centre = 0;   // what every variable still to come has received from the apexes so far
        double scale = 1;    // the size of the current slice in the first one
        for (int i = _count; i >= 2; i--)
        {
            double sum = _fraction + j;
            int one = stream.NextDouble() < _ones[i][j - First(i)] ? 1 : 0;
            double shrink = Math.Pow(1 - stream.NextDouble(), 1.0 / (i - 1));
            centre += (1 - shrink) * scale * (sum / i);
            scale *= shrink;
            x[i - 1] = centre + (scale * one);
            j -= one;
        }

        x[0] = centre + (scale * _fraction);
        for (int i = 0; i < x.Length; i++)
        {
            double value = Math.Clamp(x[i], 0, 1);
            x[i] = _mirrored ? 1 - value : value;
        }
    }

    /// <summary>The least whole part of the sum that a draw can have left with i variables to go.</summary>
    private int First(int i) => Math.Max(0, _whole - (_count - i));

    private int Last(int i) => Math.Min(_whole, i - 1);

    private void Build()
    {
        // ratio[j] = R(i, _fraction + j) over the reachable states of level i; infinite at j = 0, where f(i, _fraction - 1) = 0
        double[] ratio = new double[_whole + 1];
        double[] next = new double[_whole + 1];
        ratio[0] = double.PositiveInfinity;
        for (int i = 2; i <= _count; i++)
        {
            double[] ones = _ones[i] = new double[Last(i) - First(i) + 1];
            for (int j = First(i); j <= Last(i); j++)
            {
                if (j == 0)
                {
                    next[0] = double.PositiveInfinity;
                    continue;
                }

                double sum = _fraction + j;
                double oneFacets = i - sum;
                double both = (j < i - 1 ? sum * ratio[j] : 0) + oneFacets;   // f(i-1, sum) = 0 at j = i-1; in units of f(i-1, sum-1)
                ones[j - First(i)] = both > 0 ? oneFacets / both : 1;
                next[j] = both / ((sum - 1) + ((oneFacets + 1) / ratio[j - 1]));
            }

            (ratio, next) = (next, ratio);
        }
    }
}
