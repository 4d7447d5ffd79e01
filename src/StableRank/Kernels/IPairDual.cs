namespace StableRank.Kernels;

/// <summary>Applies a layer's activation to a run of pairs of samples.</summary>
internal interface IPairDual
{
    /// <summary>K becomes E phi(u) phi(v), Theta E phi'(u) phi'(v) Theta, in place, at a pair of positions of layer l (0-based).</summary>
    void Apply(int l, int pair, Span<double> covariance, Span<double> tangent);
}
