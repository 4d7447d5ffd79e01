using StableRank.Networks;

namespace StableRank.Propagation;

/// <summary>
/// The growth of length and curvature of the image of a great circle, layer after layer, in the limit of great widths and participation
/// ranks: Poole et al. 2016 (arXiv 1606.05340, section 3), theory (4.7).
/// </summary>
/// <remarks>
/// Along the circle a neuron's pre-activation is in the limit a stationary Gaussian process; s = E h'(t)^2 and a = E h''(t)^2 are all it
/// takes. With chi_1 = g E phi'(sqrt q z)^2 and chi_2 = g E phi''(sqrt q z)^2 at the length q of the layer below, s' = chi_1 s and
/// a' = chi_1 a + 3 chi_2 s^2: the squared curvature n a/(n s)^2, times n, goes to 3 chi_2/chi_1^2 + (its value)/chi_1. No fixed point is
/// supposed. The first layer is linear in the circle: its s and a are exact expectations at any width, as are all s of bias-free positively
/// homogeneous networks (theory (4.5)). Activations with a kink (ReLU, leaky ReLU, abs) have chi_2 infinite: behind the first of them the
/// total curvature of the image in a network of width n grows without bound with n.
/// </remarks>
public static class MeanFieldCircle
{
    /// <summary>The prediction for a circle about the origin, x(t) = a cos t + u sin t, 0 to 2 pi.</summary>
    /// <param name="model">The model, of dense layers.</param>
    /// <param name="meanSquare">||x||^2 / n_0 of its points, positive.</param>
    /// <exception cref="ArgumentException">A layer is not dense.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The mean square is not positive and finite.</exception>
    /// <exception cref="ArithmeticException">A length exceeds the range of double.</exception>
    public static IReadOnlyList<MeanFieldCircleLayer> Of(Model model, double meanSquare)
    {
        var lengths = MeanField.Of(model, meanSquare).Layers;
        var (speed, acceleration) = (meanSquare, meanSquare);
        var layers = new MeanFieldCircleLayer[lengths.Count];
        for (var l = 0; l < layers.Length; l++)
        {
            var (gain, q) = (lengths[l].Gain, lengths[l].LengthA);
            var size = model.Layers[l].OutputSize;
            var before = new CircleImage(size, gain * speed, gain * acceleration);
            var dual = model.Layers[l].Activation.Dual;

            // a length of 0 is followed to its limit: phi is linear there, unless it has a kink
            var first = dual.DerivativeSquare(q).Value;
            var second = q > 0 ? dual.SecondDerivativeSquare(q).Value : 0;
            var bend = second == 0 ? 0 : 3 * second * before.SpeedSquare * before.SpeedSquare;
            var behind = new CircleImage(size, first * before.SpeedSquare, first * before.AccelerationSquare + bend);
            layers[l] = new MeanFieldCircleLayer(l + 1, gain, q, first, second, before, behind);
            (speed, acceleration) = (behind.SpeedSquare, behind.AccelerationSquare);
        }

        return layers;
    }
}
