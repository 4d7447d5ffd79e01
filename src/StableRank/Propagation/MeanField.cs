using System.Globalization;
using StableRank.Networks;

namespace StableRank.Propagation;

/// <summary>
/// Mean-field predictions for a whole model, layer after layer: theory (4.7). They are limits of great widths and participation ranks;
/// <see cref="MonteCarloMeanField"/> measures the same at the model's own.
/// </summary>
public static class MeanField
{
    /// <summary>A greater relative spread of the squared norms is warned of.</summary>
    private const double SpreadToWarnOf = 0.3;

    /// <summary>The prediction for two inputs of the same length.</summary>
    /// <param name="model">The model; any activation, with or without biases.</param>
    /// <param name="meanSquare">||x||^2 / n_0 of both inputs, positive.</param>
    /// <param name="correlation">The cosine between them, in [-1, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static MeanFieldPrediction Of(Model model, double meanSquare, double correlation = 1) =>
        Of(model, meanSquare, meanSquare, correlation);

    /// <summary>
    /// The prediction for two inputs. The first layer, whose inputs are no Gaussians, gives q_1 = g_1 ||x||^2 / n_0 + s_b^2, which is exact
    /// (theory (4.1)), and the covariance likewise; the others <see cref="MeanFieldMap"/> with the activation of the layer below.
    /// </summary>
    /// <param name="model">The model; any activation, with or without biases.</param>
    /// <param name="meanSquareA">||x||^2 / n_0 of the first input, positive.</param>
    /// <param name="meanSquareB">||x||^2 / n_0 of the second input, positive.</param>
    /// <param name="correlation">The cosine between them, in [-1, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    /// <exception cref="ArithmeticException">A length exceeds the range of double.</exception>
    public static MeanFieldPrediction Of(Model model, double meanSquareA, double meanSquareB, double correlation)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.RequireDense();
        RequireLength(meanSquareA, nameof(meanSquareA));
        RequireLength(meanSquareB, nameof(meanSquareB));
        if (!(correlation is >= -1 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(correlation), correlation, $"The correlation is {correlation}; expected a number in [-1, 1].");
        }

        var layers = new MeanFieldLayer[model.Depth];
        var (a, b, c) = (meanSquareA, meanSquareB, correlation);
        var inverseRanks = 0.0;
        for (var l = 0; l < layers.Length; l++)
        {
            var layer = model.Layers[l];
            var moments = layer.Weights.Moments;
            var below = new MeanFieldMap(l == 0 ? Activation.Linear : model.Layers[l - 1].Activation, moments.Gain, layer.BiasVariance);
            // a correlation without meaning, behind a layer that gave length 0, stays NaN
            c = double.IsNaN(c) ? c : below.Correlation(a, b, c);
            (a, b) = (below.Length(a), below.Length(b));
            if (!double.IsFinite(a) || !double.IsFinite(b))
            {
                throw new ArithmeticException(
                    $"The lengths leave the range of double in layer {l + 1}; logarithms of them are in ExactPropagation.");
            }

            inverseRanks += 1 / moments.ParticipationRank;
            var dual = layer.Activation.Dual;
            layers[l] = new MeanFieldLayer(
                l + 1, moments.Gain, a, b, c,
                moments.Gain * dual.DerivativeSquare(a).Value,
                double.IsNaN(c) ? double.NaN : moments.Gain * dual.DerivativeProduct(a, b, c).Value,
                moments.ParticipationRank,
                Math.Sqrt(2 * inverseRanks));
        }

        return new MeanFieldPrediction(layers, Warnings(layers));
    }

    internal static IReadOnlyList<string> Warnings(IReadOnlyList<MeanFieldLayer> layers)
    {
        if (layers.FirstOrDefault(layer => layer.RelativeSpread > SpreadToWarnOf) is not { } first)
        {
            return [];
        }

        var narrowest = layers.MinBy(layer => layer.ParticipationRank)!;
        return
        [
            string.Create(
                CultureInfo.InvariantCulture,
                $"Mean-field limits need great participation ranks: layer {narrowest.Layer} has p = {narrowest.ParticipationRank:G3}, and "
                + $"from layer {first.Layer} on squared norms spread by {100 * first.RelativeSpread:0} % of their mean and more "
                + $"(sqrt(2 sum 1/p) = {layers[^1].RelativeSpread:G3} at the end)."),
        ];
    }

    private static void RequireLength(double length, string name)
    {
        if (!double.IsFinite(length) || length <= 0)
        {
            throw new ArgumentOutOfRangeException(name, length, $"The mean square is {length}; expected a positive finite number.");
        }
    }
}
