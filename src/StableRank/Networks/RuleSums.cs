namespace StableRank.Networks;

/// <summary>The sums of several quadrature rules of the same step, each shifted against the others.</summary>
/// <param name="count">How many rules.</param>
internal sealed class RuleSums(int count)
{
    private readonly double[] _sums = new double[count];

    /// <summary>How many rules.</summary>
    public int Count => count;

    /// <summary>The sum of the magnitudes of all terms.</summary>
    public double Magnitude { get; private set; }

    /// <summary>The mean of the rules, which is the sum of all terms: their weights are those of the union of the nodes.</summary>
    public double Value => _sums.Sum();

    /// <summary>How far the rules lie apart.</summary>
    public double Spread => count * (_sums.Max() - _sums.Min());

    public void Add(int rule, double term)
    {
        _sums[rule] += term;
        Magnitude += Math.Abs(term);
    }
}
