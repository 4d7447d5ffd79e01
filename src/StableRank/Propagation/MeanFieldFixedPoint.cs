namespace StableRank.Propagation;

/// <summary>A fixed point of the mean-field maps, theory (4.7), and what happens near it.</summary>
/// <param name="Limit">Whether the length is finite, zero, infinite or arbitrary.</param>
/// <param name="Length">q*, the mean square of a pre-activation; 0, infinity, or NaN where every length is kept.</param>
/// <param name="LengthSlope">
/// dq'/dq at q*: below 1 where it is stable. For an infinite length the limit of q'/q, so that there above 1 means attracting.
/// </param>
/// <param name="Slope">
/// chi_1 = g E phi'(sqrt(q*) z)^2: the factor by which a layer multiplies the mean square of a small perturbation and, backwards, of a
/// gradient.
/// </param>
/// <param name="Correlation">
/// c*, the correlation that pairs of inputs of length q* approach: 1 where chi_1 is at most 1, below 1 where it is greater. Null where the
/// map of correlations becomes the identity, so that each pair keeps a correlation of its own: q* = 0 with a differentiable phi, and linear
/// layers without biases or of unbounded length; and where it is not known: q* = 0 with phi'(0) = 0, and lengths that grow faster than in
/// proportion (exp, polynomials).
/// </param>
/// <param name="CorrelationSlope">
/// dc'/dc at c*: g E phi'(u) phi'(v) for a finite q*, and 1 (correlations approach 1 as 1/l^2) for lengths that vanish or grow under ReLU.
/// </param>
/// <param name="Phase">By chi_1.</param>
/// <param name="Residual">
/// What the maps miss the fixed point by: the greater of |q' - q|/q and |c' - c|, plus the error of the expectations; 0 for closed forms.
/// </param>
public sealed record MeanFieldFixedPoint(
    LengthLimit Limit,
    double Length,
    double LengthSlope,
    double Slope,
    double? Correlation,
    double? CorrelationSlope,
    MeanFieldPhase Phase,
    double Residual)
{
    /// <summary>Whether lengths near this one approach it.</summary>
    public bool IsStable => Limit switch
    {
        LengthLimit.Infinite => LengthSlope >= 1,
        LengthLimit.Kept => false,
        _ => Math.Abs(LengthSlope) < 1,
    };

    /// <summary>
    /// xi_q = -1/log|dq'/dq| (lengths alternate about q* where the slope is negative): the layers in which |q_l - q*| falls by e
    /// (Schoenholz et al. 2017, arXiv 1611.01232). Infinite at slope 1, negative where deviations grow.
    /// </summary>
    public double LengthDepthScale => DepthScale(LengthSlope);

    /// <summary>
    /// xi_c = -1/log|dc'/dc|: the layers in which |c_l - c*| falls by e. Infinite at slope 1; null where there is no c*.
    /// </summary>
    public double? CorrelationDepthScale => CorrelationSlope is { } slope ? DepthScale(slope) : null;

    /// <summary>
    /// xi_g = -1/log chi_1: the layers in which the mean square of a gradient falls by e; negative where it grows.
    /// </summary>
    public double GradientDepthScale => DepthScale(Slope);

    private static double DepthScale(double slope)
    {
        var log = Math.Log(Math.Abs(slope));
        return log == 0 ? double.PositiveInfinity : -1 / log;
    }
}
