using System.Globalization;
using StableRank.Ensembles;
using StableRank.Networks;

namespace StableRank.Kernels;

/// <summary>How far the kernels of networks of a model's widths scatter about the limit: theory (5.5) with (4.2) and (4.4).</summary>
internal static class KernelSpread
{
    /// <summary>The relative spread above which there is a warning.</summary>
    public const double Tolerable = 0.1;

    /// <summary>The spread, and the warnings that it calls for.</summary>
    public static (double RelativeSpread, IReadOnlyList<string> Warnings) Of(Model model)
    {
        var exact = model.Layers.All(layer =>
            layer is DenseSpecification && !layer.HasBias && layer.Activation.IsPiecewiseLinear(out _));
        var variances = new double[model.Depth];
        var compound = 1.0;
        for (var l = 0; l < variances.Length; l++)
        {
            var layer = model.Layers[l];
            variances[l] = layer is DenseSpecification or PooledDenseSpecification
                && l == variances.Length - 1 && layer.Activation == Activation.Linear
                ? OfRows(layer)
                : exact ? OfSignal(layer) : OfNorms(layer);
            compound *= 1 + variances[l];
        }

        var spread = Math.Sqrt(exact ? compound - 1 : variances.Sum());
        return (spread, spread > Tolerable ? [Warning(model, variances, spread)] : []);
    }

    /// <summary>
    /// The relative variance of ||W' e||^2, e an output: what the last layer's weights do to the kernel of one output. By (4.2) for the
    /// transpose, which is of the same law with m and n exchanged.
    /// </summary>
    private static double OfRows(LayerSpecification layer)
    {
        var moments = layer.Weights.Moments;
        double m = layer.Weights.Rows, n = layer.Weights.Columns;
        var ratio = moments.FourthMoment / (moments.SecondMoment * moments.SecondMoment);
        return Math.Max(0, ratio * (m / n) * ((n + 2) / (m + 2)) - 1);
    }

    /// <summary>The relative variance of ||x_l||^2 given x_(l-1): (4.2) times (4.4).</summary>
    private static double OfSignal(LayerSpecification layer)
    {
        var moments = layer.Weights.Moments;
        layer.Activation.IsPiecewiseLinear(out var slope);
        double a2 = slope * slope, m = layer.OutputSize;
        var second = (1 + a2) / 2;
        var fourth = (3 * (1 + a2 * a2) / 2 + (m - 1) * second * second) / (m + 2);
        return Math.Max(0, moments.FourthMoment / (moments.SecondMoment * moments.SecondMoment) * fourth / (second * second) - 1);
    }

    /// <summary>
    /// The relative variance of ||W x||^2, (4.2), which is 2/p for p far below n as in (5.5), and for the activation that of a mean of m
    /// squares of Gaussians: an order of magnitude.
    /// </summary>
    private static double OfNorms(LayerSpecification layer) =>
        OfNorm(layer.Weights) + (2.0 / layer.Weights.Rows) + (layer is ElmanSpecification elman ? OfNorm(elman.RecurrentWeights) : 0);

    private static double OfNorm(Ensemble weights)
    {
        var moments = weights.Moments;
        return Math.Max(0, (moments.FourthMoment / (moments.SecondMoment * moments.SecondMoment)) - 1);
    }

    private static string Warning(Model model, double[] variances, double spread)
    {
        var invariant = CultureInfo.InvariantCulture;
        // the layers that make up the greater part
        var greatest = variances.Max();
        var named = Enumerable.Range(0, variances.Length).Where(l => variances[l] >= greatest / 2).Select(l =>
        {
            var weights = model.Layers[l].Weights;
            return string.Create(
                invariant,
                $"layer {l + 1} ({weights.Rows} x {weights.Columns}, participation rank {weights.Moments.ParticipationRank:G4})");
        });
        return string.Create(
            invariant,
            $"The kernel of a network of these widths does not concentrate on the limit: its relative spread is about {spread:G3}, most of "
            + $"it from {string.Join(", ", named)}; theory (5.5).");
    }
}
