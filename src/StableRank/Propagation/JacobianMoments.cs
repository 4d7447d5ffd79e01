using StableRank.Networks;
using StableRank.Spectra;

namespace StableRank.Propagation;

/// <summary>
/// The first two moments of the squared singular values of input-output Jacobians, theory (4.8), in the limit of great widths; for
/// rectangular layers too.
/// </summary>
/// <remarks>
/// <para>Let P = J J^T behind layer l-1, of size n = n_(l-1), and S = W^T D^2 W, D = diag phi'(h_l). W is bi-invariant, so that S is
/// asymptotically free from P; with tau = tr/n, tau(S P) = tau(S) tau(P) and
/// tau(SPSP) = tau(S^2) tau(P)^2 + tau(S)^2 tau(P^2) - tau(S)^2 tau(P)^2. In unnormalised traces and 1/p(A) = tr A^2/(tr A)^2 this
/// reads 1/p(P') = 1/p(P) + 1/p(S) - 1/n. The same step for S, whose nonzero eigenvalues are those of D (W W^T) D of size m = n_l, gives
/// 1/p(S) = 1/p(W) + 1/p(D^2) - 1/m, and 1/p(D^2) = kappa/m. Hence
/// 1/p(J) = 1/n_0 + sum_l [1/p_l - 1/n_(l-1) + (kappa_l - 1)/n_l],
/// whose multiple by N, all widths being N, is (4.8); <see cref="LinearProduct"/> is its form at finite width for linear layers.</para>
/// <para>The corrections are of relative order 1/width times the square of the number of layers: where 1/p(J) is not small against 1 the
/// limit says nothing. What an ensemble contributes is its participation rank at its own size.</para>
/// </remarks>
public static class JacobianMoments
{
    /// <summary>The prediction behind every layer.</summary>
    /// <param name="model">The model; any activation, with or without biases, layers of any shape.</param>
    /// <param name="meanSquare">||x||^2 / n_0 of the input at which the Jacobian is taken, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">The mean square is not positive and finite.</exception>
    /// <exception cref="ArithmeticException">
    /// A length or a moment of phi' exceeds the range of double, or phi' vanishes (the constant hermite:0).
    /// </exception>
    public static IReadOnlyList<JacobianPrediction> Of(Model model, double meanSquare)
    {
        var lengths = MeanField.Of(model, meanSquare).Layers;
        var result = new JacobianPrediction[model.Depth];
        var log = default(CompensatedSum);
        var inverse = 1.0 / model.InputSize;
        for (var l = 0; l < result.Length; l++)
        {
            var layer = model.Layers[l];
            var (q, dual) = (lengths[l].LengthA, layer.Activation.Dual);
            var square = dual.DerivativeSquare(q).Value;
            var kurtosis = dual.DerivativeFourth(q).Value / (square * square);
            if (!double.IsFinite(kurtosis) || !(lengths[l].Slope > 0))
            {
                throw new ArithmeticException(
                    $"The moments of the Jacobian end at layer {l + 1}: at the length {q} the derivative of {layer.Activation} has the "
                    + $"mean square {square}, and its fourth moment {dual.DerivativeFourth(q).Value}; expected positive finite numbers.");
            }

            log.Add(Math.Log(lengths[l].Slope));
            inverse += 1 / lengths[l].ParticipationRank - 1.0 / layer.InputSize + (kurtosis - 1) / layer.OutputSize;
            result[l] = new JacobianPrediction(l + 1, layer.OutputSize, q, log.Value, inverse, kurtosis);
        }

        return result;
    }
}
