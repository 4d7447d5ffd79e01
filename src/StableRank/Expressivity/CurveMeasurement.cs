using System.Numerics;
using StableRank.Networks;

namespace StableRank.Expressivity;

/// <summary>
/// Length, curvature and self-similarity of the image of a curve, layer after layer of one dense network, by adaptive halving with an error
/// estimate: theory (7.1).
/// </summary>
/// <param name="Input">The curve itself.</param>
/// <param name="Layers">First layer first.</param>
/// <param name="Step">The distance in t of neighbours in <see cref="CurveLayer.SelfSimilarity"/>.</param>
/// <param name="Points">Points of the curve that were sent through the network.</param>
/// <param name="Converged">Whether every tolerance was met within the greatest number of points.</param>
public sealed record CurveMeasurement(CurveLayer Input, IReadOnlyList<CurveLayer> Layers, double Step, int Points, bool Converged)
{
    /// <summary>Sends a curve through a network.</summary>
    /// <remarks>
    /// Points and exact tangents go through a layer together, in one product of matrices a round. A piece of the curve is halved while the
    /// estimated errors of its length or turn are large beside those of the other pieces, in any layer.
    /// </remarks>
    /// <typeparam name="T">double or float; lengths and angles are added up in double.</typeparam>
    /// <param name="network">A network of dense layers.</param>
    /// <param name="curve">A curve in its space of inputs.</param>
    /// <param name="options">How finely; left out: the defaults.</param>
    /// <exception cref="ArgumentException">A layer is not dense, or the curve has another size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="ArithmeticException">A signal left the range of T.</exception>
    public static CurveMeasurement Of<T>(Network<T> network, Curve curve, CurveOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(curve);
        options ??= new CurveOptions();
        options.Validate();
        return new CurveTracer<T>(curve, options).Trace(network);
    }
}
