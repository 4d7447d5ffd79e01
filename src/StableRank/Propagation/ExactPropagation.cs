using System.Diagnostics.CodeAnalysis;
using StableRank.Networks;
using StableRank.Spectra;

namespace StableRank.Propagation;

/// <summary>
/// Exact predictions, at any width and depth, of how random networks propagate norms: theory (4.1) to (4.6). They hold where no layer has
/// biases and every activation is positively homogeneous (linear, ReLU, leaky ReLU, abs), because every ensemble is bi-invariant: W x is
/// then ||W x|| times a uniform direction, independent of it, and layers multiply.
/// </summary>
public static class ExactPropagation
{
    /// <summary>The prediction behind every layer of a model, first layer first.</summary>
    /// <exception cref="NotSupportedException">
    /// A layer has biases, or an activation that is not positively homogeneous; the message says which.
    /// </exception>
    public static IReadOnlyList<LayerPrediction> Of(Model model) =>
        TryOf(model, out var predictions, out var reason) ? predictions : throw new NotSupportedException(reason);

    /// <summary>The prediction behind every layer, or the reason why there is none.</summary>
    /// <param name="model">The model.</param>
    /// <param name="predictions">One a layer, first layer first.</param>
    /// <param name="reason">Which layer rules exact moments out, and why.</param>
    public static bool TryOf(
        Model model,
        [NotNullWhen(true)] out IReadOnlyList<LayerPrediction>? predictions,
        [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(model);
        predictions = null;
        reason = null;
        var result = new LayerPrediction[model.Depth];
        var second = default(CompensatedSum);
        var fourth = default(CompensatedSum);
        var log = default(CompensatedSum);
        var alive = default(CompensatedSum);
        var fourthError = 0.0;
        var logError = 0.0;
        for (var l = 0; l < result.Length; l++)
        {
            var layer = model.Layers[l];
            if (layer is not DenseSpecification)
            {
                reason = $"Layer {l + 1} is not dense ({layer.GetType().Name}); exact moments are known for dense layers only.";
                return false;
            }

            if (layer.HasBias)
            {
                reason = $"Layer {l + 1} has biases of variance {layer.BiasVariance}; "
                    + "exact moments are known for layers without biases only.";
                return false;
            }

            if (!layer.Activation.IsPiecewiseLinear(out var slope))
            {
                reason = $"The activation of layer {l + 1} is {layer.Activation}, which is not positively homogeneous; "
                    + "exact moments are known for linear, relu, leaky-relu and abs only.";
                return false;
            }

            var moments = layer.Weights.Moments;
            var factors = LayerFactors.Of(layer.OutputSize, slope, moments.SecondMoment, moments.FourthMoment, moments.LogMoment);
            second.Add(Math.Log(factors.SecondMoment));
            fourth.Add(Math.Log(factors.FourthMoment));
            log.Add(factors.ExpectedLog);
            alive.Add(ElementaryFunctions.Log1p(-SlopeMoments.DeathProbability(layer.OutputSize, slope)));
            fourthError += (moments.FourthMomentStandardError ?? 0) / moments.FourthMoment;
            logError += moments.LogMomentStandardError ?? 0;
            result[l] = new LayerPrediction(
                l + 1, layer.OutputSize, layer.InputSize, factors, second.Value, fourth.Value, log.Value, alive.Value)
            {
                LogFourthMomentStandardError = fourthError,
                ExpectedLogStandardError = logError,
            };
        }

        predictions = result;
        return true;
    }
}
