using StableRank.Networks;

namespace StableRank.GradientRank;

/// <summary>The first facts of all chains: what shapes and assumptions say.</summary>
internal sealed class RankShapes(IReadOnlyList<LayerOutline> layers, RankAssumptions assumptions)
{
    private const string ByShape = "theory (6.1)";

    public int Batch => assumptions.Batch;

    /// <summary>The rows of one place of layer l's output, l = 0 being the inputs.</summary>
    public RankFact Features(string name, int l)
    {
        var n = l == 0 ? layers[0].InputFeatures : layers[l - 1].Features;
        if (l == 0)
        {
            return RankFact.Root(
                name, n, RankCause.InputWidth, 0,
                () => Features(n) + (layers[0].Kind == LayerKind.Dense ? " of the inputs" : " of one step or pixel of the inputs"),
                ByShape);
        }

        var isImage = layers[l - 1].Kind == LayerKind.Convolution;
        var cause = l == layers.Count ? RankCause.OutputWidth : isImage ? RankCause.Channels : RankCause.LayerWidth;
        return RankFact.Root(
            name, n, cause, l,
            () => (isImage ? $"the {n} channels of layer {l}" : $"the {n}-wide layer {l}")
                + (l == layers.Count ? ", the last" : string.Empty),
            ByShape);
    }

    /// <summary>The rows of all places.</summary>
    public RankFact Rows(string name, int l)
    {
        var places = l == 0 ? layers[0].InputPlaces : layers[l - 1].Places;
        var features = Features(name, l);
        var rows = (long)places * features.Value;
        return places == 1
            ? features
            : RankFact.Root(
                name, rows, features.Cause, l,
                () => l == 0
                    ? $"the {rows} features of the inputs"
                    : $"the {rows} outputs of layer {l}, {features.Value} at each of {places} places",
                ByShape);
    }

    /// <summary>The columns of a batch, or of so many places of it side by side.</summary>
    public RankFact Columns(string name, int places = 1)
    {
        var batch = Batch;
        return RankFact.Root(
            name, (long)batch * places, RankCause.BatchSize, 0,
            () => $"the batch of {batch}" + (places == 1 ? string.Empty : $" at {places} places"), ByShape);
    }

    /// <summary>The rank of a weight matrix where it is given and below full.</summary>
    public RankFact? Weight(WeightOutline weight, int l) =>
        assumptions.WeightRanks?.TryGetValue(weight.Name, out var rank) == true && rank < Math.Min(weight.Rows, weight.Columns)
            ? RankFact.Root(
                weight.Symbol, rank, RankCause.WeightRank, l, () => $"the weight rank {rank} of {weight.Name} in layer {l}", "given")
            : null;

    /// <summary>What is given of the data.</summary>
    public RankFact? Data(string name, int? rank) => rank is { } value
        ? RankFact.Root(name, value, RankCause.DataRank, 0, () => $"the data rank {value}", "given")
        : null;

    /// <summary>What the loss, or the user, says of the rank at the outputs.</summary>
    public RankFact? Loss(string name, int rows)
    {
        var l = layers.Count;
        if (assumptions.LossRank is { } rank)
        {
            return RankFact.Root(name, rank, RankCause.LossRank, l, () => $"the rank {rank} of the gradient at the outputs", "given");
        }

        return assumptions.Loss == Networks.Loss.SoftmaxCrossEntropy
            ? RankFact.Root(
                name, rows - 1, RankCause.LossRank, l, () => $"{rows} outputs less one, as the cross-entropy's gradients sum to zero",
                "theory (6.1)")
            : null;
    }

    /// <summary>The first time step, from 0, that the loss reads.</summary>
    public int FirstLossStep => assumptions.LossSteps is { } steps ? layers[^1].Places - steps : 0;

    /// <summary>Sums over the places of layer l's inputs or outputs.</summary>
    public Func<string, RankFact[], RankFact> SumOf(LayerOutline layer, string what) =>
        layer.Kind == LayerKind.Elman
            ? (name, terms) => Steps(layer, name, terms, what)
            : (name, terms) => Positions(layer, name, terms, what);

    public RankFact Positions(LayerOutline layer, string name, RankFact[] terms, string what) => RankFact.Sum(
        name, terms, RankCause.Positions, layer.Layer,
        () => $"the sum over {terms.Length} positions or pixels in layer {layer.Layer}", what, "theory (6.4)");

    /// <summary>Over time steps: fewer than all are there where windows, or the loss, leave some without a signal.</summary>
    public RankFact Steps(LayerOutline layer, string name, RankFact[] terms, string what)
    {
        var active = terms.Count(term => term.Value > 0);
        var isCut = active < layer.Places && assumptions.LossSteps < layer.Places;
        var cut = isCut ? layers.Skip(layer.Layer - 1).FirstOrDefault(above => above is { Kind: LayerKind.Elman, Window: > 1 }) : null;
        var (cause, l, text) = (isCut, cut) switch
        {
            (true, not null) => (RankCause.Truncation, cut.Layer, $"the truncation to {cut.Window} steps in layer {cut.Layer}"),
            (true, null) => (RankCause.LossSteps, layers.Count, $"the {assumptions.LossSteps} time steps that the loss reads"),
            _ => (RankCause.TimeSteps, layer.Layer, $"the {layer.Places} time steps of layer {layer.Layer}"),
        };
        return RankFact.Sum(name, terms, cause, l, () => text, what, "theory (6.3)");
    }

    private static string Features(int n) => n == 1 ? "the one feature" : $"the {n} features";
}
