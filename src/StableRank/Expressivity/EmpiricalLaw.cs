namespace StableRank.Expressivity;

/// <summary>The law of a sample of numbers, each of the same weight: what a measured spectrum is beside a predicted density.</summary>
public sealed class EmpiricalLaw
{
    private readonly double[] _values;

    /// <summary>The law of these numbers.</summary>
    /// <param name="values">At least one number; in any order, infinite ones allowed.</param>
    /// <exception cref="ArgumentException">No number, or NaN.</exception>
    public EmpiricalLaw(IEnumerable<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        _values = [.. values];
        if (_values.Length == 0 || Array.Exists(_values, double.IsNaN))
        {
            throw new ArgumentException(
                _values.Length == 0 ? "A law needs at least one number." : "A number is NaN; expected numbers.", nameof(values));
        }

        Array.Sort(_values);
    }

    /// <summary>How many numbers.</summary>
    public int Count => _values.Length;

    /// <summary>The numbers in increasing order.</summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>The share of numbers up to x.</summary>
    public double CumulativeProbability(double x) => (double)CountUpTo(x) / Count;

    /// <summary>The least of the numbers up to which a share of at least <paramref name="probability"/> lies.</summary>
    /// <param name="probability">In [0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not in [0, 1].</exception>
    public double Quantile(double probability)
    {
        if (!(probability is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(probability), probability, $"A probability is in [0, 1], but {probability} was given.");
        }

        return _values[Math.Clamp((int)Math.Ceiling(probability * Count) - 1, 0, Count - 1)];
    }

    /// <summary>
    /// The greatest distance between this law's distribution function and another, sup |F_n - F|, over a grid of this law's quantiles.
    /// </summary>
    /// <param name="cumulativeProbability">F, not decreasing; called at each quantile and at neighbours of it.</param>
    /// <param name="points">The quantiles, at least 1; the distance is right to 1/points, and exact where there are as many as
    /// numbers.</param>
    /// <param name="slack">
    /// Numbers this near to each other, relative, are not told apart: rounding about an atom of F is no distance.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 1 point, or a slack that is negative.</exception>
    public double KolmogorovDistance(Func<double, double> cumulativeProbability, int points = 1000, double slack = 1e-9) =>
        FarthestFrom(cumulativeProbability, points, slack).Distance;

    /// <summary>
    /// The same distance, and the number of this law at which it lies (at it, or just below): what the sampling error of the distance
    /// depends on to first order.
    /// </summary>
    /// <inheritdoc cref="KolmogorovDistance"/>
    public (double Distance, double At) FarthestFrom(
        Func<double, double> cumulativeProbability, int points = 1000, double slack = 1e-9)
    {
        ArgumentNullException.ThrowIfNull(cumulativeProbability);
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(slack);
        var (distance, at) = (0.0, _values[0]);
        points = Math.Min(points, Count);
        for (var i = 0; i < points; i++)
        {
            var index = (int)((i + 0.5) * Count / points);
            var x = _values[index];
            var margin = slack * Math.Abs(x);

            // F_n jumps at x from (numbers below)/n to (numbers up to)/n
            var up = (double)CountUpTo(x) / Count - cumulativeProbability(x + margin);
            var down = cumulativeProbability(Math.BitDecrement(x - margin)) - (double)CountUpTo(Math.BitDecrement(x)) / Count;
            if (Math.Max(up, down) is var here && here > distance)
            {
                (distance, at) = (here, x);
            }
        }

        return (distance, at);
    }

    private int CountUpTo(double x)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _values[middle] <= x ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
