namespace StableRank.Kernels;

/// <summary>
/// A = E phi(u) phi(v) and H = E phi'(u) phi'(v) Theta, position by position, for a run of pairs of samples. Each position has
/// <c>length</c> entries, a multiple of a vector's.
/// </summary>
internal sealed class PairState(int positions, int length)
{
    private readonly double[] _a = new double[checked(positions * length)];
    private readonly double[] _h = new double[checked(positions * length)];

    /// <summary>A at a position; K on the way there.</summary>
    public Span<double> A(int position) => _a.AsSpan(position * length, length);

    /// <summary>H at a position; Theta on the way there.</summary>
    public Span<double> H(int position) => _h.AsSpan(position * length, length);
}
