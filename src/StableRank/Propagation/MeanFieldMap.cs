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
    /// <summary>How many layers <see cref="Attractor"/> follows, and how near a length is taken for the fixed point.</summary>
    private const int GreatestDepth = 10_000;

    private const double Near = 1e-4;

    /// <summary>Where fixed points are no longer looked for, lengths that shrink vanish, and likewise beyond the inverse.</summary>
    private const double Vanished = 1e-12;

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
    /// ReLU, leaky ReLU, abs, tanh, erf and sin there are no others than 0, one positive and an infinite one. An activation with phi(0)
    /// other than 0 has none at 0; where there is no fixed point at all within 1e12 of the greater of 1 and s_b^2 the list is empty.
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

    /// <summary>
    /// chi_2 = g E phi''(sqrt q z)^2, by which the images of curves bend (Poole et al. 2016): a layer takes the squared curvature of the
    /// image of a great circle, times the width, to 3 chi_2/chi_1^2 + (its value)/chi_1. Infinite where phi has a kink.
    /// </summary>
    /// <param name="length">q, finite and positive.</param>
    public double Bend(double length) => Gain * Activation.Dual.SecondDerivativeSquare(length).Value;

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
    /// The fixed point that the lengths behind more and more such layers approach. Where the length map is known to be increasing this is
    /// the nearest one in the direction in which the first step goes; otherwise (cos, GELU, SiLU, Hermite polynomials, custom) it is found
    /// by following the lengths.
    /// </summary>
    /// <param name="length">The length to start from, positive and finite.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is not positive and finite.</exception>
    /// <exception cref="ArithmeticException">
    /// The lengths come near no fixed point that was found, for example because they alternate.
    /// </exception>
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

        return Activation.Dual.LengthIncreases ? NearestAhead(points, length) : Followed(points, length);
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Activation}, g = {Gain:R}, s_b^2 = {BiasVariance:R}");

    private MeanFieldFixedPoint NearestAhead(IReadOnlyList<MeanFieldFixedPoint> points, double length)
    {
        var step = Length(length) - length;
        return (step > 0 ? points.FirstOrDefault(point => point.Length > length)
            : step < 0 ? points.LastOrDefault(point => point.Length < length)
            : null) ?? points.MinBy(point => Math.Abs(point.Length - length))
            ?? throw NoAttractor(length);
    }

    private MeanFieldFixedPoint Followed(IReadOnlyList<MeanFieldFixedPoint> points, double length)
    {
        var q = length;
        for (var layer = 0; layer < GreatestDepth; layer++)
        {
            var next = Length(q);
            var match = points.FirstOrDefault(point => point.Limit switch
            {
                LengthLimit.Zero => next < q && next < Vanished,
                LengthLimit.Infinite => next > q && next > 1 / Vanished,
                _ => Math.Abs(next - point.Length) <= Near * point.Length && Math.Abs(q - point.Length) <= Near * point.Length
                    && (Math.Abs(point.LengthSlope) < 1 + Near || next == q),
            });
            if (match is not null)
            {
                return match;
            }

            if (!double.IsFinite(next))
            {
                throw NoAttractor(length);
            }

            q = next;
        }

        // at a critical gain lengths creep: then nothing lies between them and the fixed point ahead
        return Math.Abs(Length(q) / q - 1) < Near ? NearestAhead(points, q) : throw NoAttractor(length);
    }

    private ArithmeticException NoAttractor(double length) => new(
        FormattableString.Invariant($"Lengths from {length:R} on come near no fixed point of the length map of {this}."));
}
