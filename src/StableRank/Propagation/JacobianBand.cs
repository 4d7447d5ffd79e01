namespace StableRank.Propagation;

/// <summary>An interval in which the density of squared singular values is positive.</summary>
/// <param name="Lower">The lower edge; 0 where the density reaches down to 0.</param>
/// <param name="Upper">The upper edge.</param>
/// <param name="Probability">The share of the squared singular values in it, atoms within included.</param>
public readonly record struct JacobianBand(double Lower, double Upper, double Probability);
