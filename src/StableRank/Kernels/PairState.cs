namespace StableRank.Kernels;

/// <summary>
/// A = E phi(u) phi(v) and H = E phi'(u) phi'(v) Theta, by pairs of positions, for a run of pairs of samples. Each pair of positions has
/// <c>length</c> entries, a multiple of a vector's.
/// </summary>
internal sealed class PairState(int pairs, int length)
{
    private readonly double[] _a = new double[checked(pairs * length)];
    private readonly double[] _h = new double[checked(pairs * length)];

    /// <summary>A at a pair of positions; K on the way there.</summary>
    public Span<double> A(int pair) => _a.AsSpan(pair * length, length);

    /// <summary>H at a pair of positions; Theta on the way there.</summary>
    public Span<double> H(int pair) => _h.AsSpan(pair * length, length);
}
