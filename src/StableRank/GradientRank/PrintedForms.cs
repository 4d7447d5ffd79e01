using StableRank.Networks;

namespace StableRank.GradientRank;

/// <summary>The bounds of arXiv 2402.06751 as printed, for networks of linear layers, which alone they speak of.</summary>
internal static class PrintedForms
{
    private const string Paper = "arXiv 2402.06751 eq. ";

    public static IReadOnlyList<PrintedBound> Of(
        IReadOnlyList<LayerOutline> layers, int l, int weight, RankAssumptions assumptions, int ours)
    {
        if (layers.Any(layer => !layer.IsLinear))
        {
            return [];
        }

        var last = layers[^1];
        var data = assumptions.DataRank ?? Math.Min(layers[0].InputSize, assumptions.Batch);
        var lossRows = assumptions.Loss == Loss.SoftmaxCrossEntropy ? last.OutputSize - 1 : last.OutputSize;
        var loss = assumptions.LossRank ?? Math.Min(lossRows, assumptions.Batch);
        if (layers.Any(layer => layer.Kind == LayerKind.Elman))
        {
            return layers[l].Kind == LayerKind.Elman && last.Kind == LayerKind.Elman
                ? [Recurrent(layers, l, weight, assumptions, loss, ours)]
                : [];
        }

        var weights = layers.Select(layer => layer.Weights[0]).Min(w => Math.Min(Given(assumptions, w), Math.Min(w.Rows, w.Columns)));
        var linear = Math.Min(Math.Min(data, weights), loss);
        if (layers[l].Kind == LayerKind.Convolution)
        {
            var own = layers[l].Weights[0];
            var value = (int)Math.Min(Math.Min(own.Rows, own.Columns), (long)layers[l].Places * linear);
            return
            [
                Make("12", value, ours, "positions times eq. 1: takes in the rank of the layer's own kernel, and counts another "
                    + "convolution's kernel once and not once a position"),
            ];
        }

        return layers.All(layer => layer.Kind == LayerKind.Dense)
            ? [Make("1", linear, ours, "takes in the rank of the layer's own weights; biases are left out")]
            : [];
    }

    /// <summary>The sum over t of min(rank X_t, rank dL/dZ_t), the state before it in the place of X_t for V.</summary>
    private static PrintedBound Recurrent(
        IReadOnlyList<LayerOutline> layers, int l, int weight, RankAssumptions assumptions, int loss, int ours)
    {
        var (layer, last) = (layers[l], layers[^1]);
        var read = assumptions.LossSteps ?? last.Places;
        var input = weight == 0
            ? Math.Min(l == 0 ? assumptions.StepDataRank ?? layer.InputFeatures : layer.InputFeatures, assumptions.Batch)
            : Math.Min(layer.Features, assumptions.Batch);
        var term = Math.Min(input, Math.Min(loss, Math.Min(last.Features, assumptions.Batch)));
        // the state before the first step is zero
        var steps = Math.Min(read, layer.Places - weight);
        var own = layer.Weights[weight];
        var value = (int)Math.Min(Math.Min(own.Rows, own.Columns), (long)steps * term);
        return Make(
            "3", value, ours, "caps the signal at a step by the rank of what the loss says of that step; later steps send more back");
    }

    private static int Given(RankAssumptions assumptions, WeightOutline weight) =>
        assumptions.WeightRanks?.TryGetValue(weight.Name, out var rank) == true ? rank : int.MaxValue;

    private static PrintedBound Make(string equation, int value, int ours, string remark) =>
        new(Paper + equation, value, value >= ours, remark);
}
