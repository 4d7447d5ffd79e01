namespace StableRank.Spectra;

/// <summary>
/// A running sum kept in two doubles (Neumaier, and Ogita, Rump and Oishi 2005 for the squares): as accurate as if summed in twice the
/// working precision, so n terms cost n 2^-106 of the sum of their magnitudes.
/// </summary>
internal struct CompensatedSum
{
    private double _high;
    private double _low;

    /// <summary>The leading part, once <see cref="Normalise"/> has been called.</summary>
    internal readonly double High => _high;

    /// <summary>What the leading part misses.</summary>
    internal readonly double Low => _low;

    /// <summary>The sum, rounded to nearest.</summary>
    internal readonly double Value => _high + _low;

    internal void Add(double term)
    {
        double sum = _high + term;
        double carried = sum - _high;
        _low += (_high - (sum - carried)) + (term - carried);
        _high = sum;
    }

    /// <summary>Adds the exact square of <paramref name="x"/>.</summary>
    internal void AddSquare(double x)
    {
        double square = x * x;
        Add(square);
        _low += Math.FusedMultiplyAdd(x, x, -square);
    }

    /// <summary>The exact sum of squares of <paramref name="values"/>, to about 2^-100 relative, in normal form.</summary>
    internal static CompensatedSum OfSquares(ReadOnlySpan<double> values)
    {
        var sum = new CompensatedSum();
        foreach (double value in values)
        {
            sum.AddSquare(value);
        }

        sum.Normalise();
        return sum;
    }

    internal void Normalise()
    {
        double sum = _high + _low;
        _low -= sum - _high;
        _high = sum;
    }

    /// <summary><paramref name="target"/> minus the sum.</summary>
    internal readonly double ResidualFrom(double target) => target - _high - _low;
}
