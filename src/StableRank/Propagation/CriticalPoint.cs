namespace StableRank.Propagation;

/// <summary>A point of the line chi_1 = 1 between order and chaos.</summary>
/// <param name="Gain">g.</param>
/// <param name="BiasVariance">s_b^2.</param>
/// <param name="Length">
/// q*, the length at which chi_1 = 1: 0 where the line ends on s_b = 0, infinite where a positively homogeneous activation has biases.
/// </param>
public sealed record CriticalPoint(double Gain, double BiasVariance, double Length);
