using StableRank.Ensembles;
using StableRank.Networks;

namespace StableRank.Propagation;

/// <summary>
/// What one wide layer h' = W phi(h) + b does to Gaussian pre-activations h: theory (4.7) (Poole et al. 2016, arXiv 1606.05340; Schoenholz
/// et al. 2017, arXiv 1611.01232), in the limit of great widths and participation ranks. Lengths q are mean squares of pre-activations.
/// </summary>
/// <remarks>
/// The gain is g = E||W||_F^2 / m = s1^2 r / m for an m x n layer, rectangular or not: E||W x||^2 / m = g ||x||^2 / n is theory (4.1). So
/// the stable rank moves a network of given spectral norm through the phases. Values are accurate to some 1e-14 of their scale; the error
/// of each expectation is in <see cref="Activation.Dual"/>.
/// </remarks>
public sealed class MeanFieldMap
{
    /// <summary>Makes the maps of a layer.</summary>
    /// <param name="activation">phi.</param>
    /// <param name="gain">g, positive: <see cref="EnsembleMoments.Gain"/>, sigma_w^2 of an i.i.d. layer.</param>
    /// <param name="biasVariance">s_b^2, not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The gain is not positive and finite, or the variance negative or not finite.
    /// </exception>
    public MeanFieldMap(Activation activation, double gain, double biasVariance = 0)
    {
        ArgumentNullException.ThrowIfNull(activation);
        if (!double.IsFinite(gain) || gain <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(gain), gain, $"The gain is {gain}; expected a positive finite number.");
        }

        if (!double.IsFinite(biasVariance) || biasVariance < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(biasVariance), biasVariance, $"The bias variance is {biasVariance}; expected a finite number of at least 0.");
        }

        Activation = activation;
        Gain = gain;
        BiasVariance = biasVariance;
    }

    /// <summary>phi.</summary>
    public Activation Activation { get; }

    /// <summary>g.</summary>
    public double Gain { get; }

    /// <summary>s_b^2.</summary>
    public double BiasVariance { get; }

    /// <summary>
    /// Every fixed point of the length map that was found, shortest first, an infinite length last; with the correlation that belongs to
    /// it. Found by sign changes on a grid of 24 lengths a decade, so that two fixed points nearer than 10 % may be missed. For linear,
    /// ReLU, leaky ReLU, tanh, erf and sin there are no others than 0, one positive and an infinite one.
    /// </summary>
    public IReadOnlyList<MeanFieldFixedPoint> FixedPoints => field ??= FixedPointSearch.Of(this);

    /// <summary>q' = g E phi(sqrt q z)^2 + s_b^2.</summary>
    /// <param name="length">q, finite and not negative.</param>
    public double Length(double length) => Gain * Activation.Dual.Square(length).Value + BiasVariance;

    /// <summary>dq'/dq = g E u phi(u) phi'(u) / q.</summary>
    /// <param name="length">q, finite and not negative.</param>
    public double LengthSlope(double length) => Gain * Activation.Dual.SquareRate(length).Value;

    /// <summary>chi_1 = g E phi'(sqrt q z)^2.</summary>
    /// <param name="length">q, finite and not negative.</param>
    public double Slope(double length) => Gain * Activation.Dual.DerivativeSquare(length).Value;

    /// <summary>The covariance behind the layer, g E phi(u) phi(v) + s_b^2.</summary>
    /// <param name="lengthA">The variance of u.</param>
    /// <param name="lengthB">The variance of v.</param>
    /// <param name="correlation">Their correlation.</param>
    public double Covariance(double lengthA, double lengthB, double correlation) =>
        Gain * Activation.Dual.Product(lengthA, lengthB, correlation).Value + BiasVariance;

    /// <summary>
    /// c' of two inputs of any lengths: the covariance over the root of the two lengths behind the layer. NaN where such a length is 0.
    /// </summary>
    /// <param name="lengthA">q_a.</param>
    /// <param name="lengthB">q_b.</param>
    /// <param name="correlation">c.</param>
    public double Correlation(double lengthA, double lengthB, double correlation) =>
        Math.Clamp(
            Covariance(lengthA, lengthB, correlation) / (Math.Sqrt(Length(lengthA)) * Math.Sqrt(Length(lengthB))), -1, 1);

    /// <summary>c' of two inputs of the same length q. NaN where q' = 0.</summary>
    /// <param name="length">q.</param>
    /// <param name="correlation">c.</param>
    public double Correlation(double length, double correlation) =>
        Math.Clamp(Covariance(length, length, correlation) / Length(length), -1, 1);

    /// <summary>dc'/dc = g E phi'(u) phi'(v) q/q' at equal lengths; g E phi'(u) phi'(v) at a fixed point.</summary>
    /// <param name="length">q, positive.</param>
    /// <param name="correlation">c.</param>
    public double CorrelationSlope(double length, double correlation) =>
        Gain * Activation.Dual.DerivativeProduct(length, length, correlation).Value * (length / Length(length));

    /// <summary>
    /// The fixed point that the lengths behind more and more such layers approach. The length map is increasing, so that this is the
    /// nearest one in the direction in which the first step goes.
    /// </summary>
    /// <param name="length">The length to start from, positive and finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is not positive and finite.</exception>
    public MeanFieldFixedPoint Attractor(double length = 1)
    {
        if (!double.IsFinite(length) || length <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, $"The length is {length}; expected a positive finite number.");
        }

        var points = FixedPoints;
        if (points[0].Limit == LengthLimit.Kept)
        {
            return points[0];
        }

        var step = Length(length) - length;
        return (step > 0 ? points.FirstOrDefault(point => point.Length > length)
            : step < 0 ? points.LastOrDefault(point => point.Length < length)
            : null) ?? points.MinBy(point => Math.Abs(point.Length - length))!;
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Activation}, g = {Gain:R}, s_b^2 = {BiasVariance:R}");
}
