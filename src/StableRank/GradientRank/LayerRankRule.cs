using StableRank.Networks;

namespace StableRank.GradientRank;

/// <summary>How ranks go through one layer: of activations up, of signals down, and what follows for its weights' gradients.</summary>
internal abstract class LayerRankRule
{
    private protected LayerRankRule(LayerOutline layer, RankShapes shapes)
    {
        (Layer, Shapes) = (layer, shapes);
        Weight = shapes.Weight(layer.Weights[0], layer.Layer);
    }

    public LayerOutline Layer { get; }

    protected RankShapes Shapes { get; }

    /// <summary>The rank of the weights that meet the input, where it is below full.</summary>
    protected RankFact? Weight { get; }

    /// <summary>l.</summary>
    protected int L => Layer.Layer;

    /// <summary>The name of phi(Z); of Z too where they are the same.</summary>
    protected string Post => $"A_{L}";

    protected string Pre => Layer.IsLinear ? Post : $"Z_{L}";

    protected string Delta => $"Delta_{L}";

    /// <summary>The name of the gradient at the inputs.</summary>
    protected string Below => $"dL/dA_{L - 1}";

    public static LayerRankRule Of(LayerOutline layer, RankShapes shapes) => layer.Kind switch
    {
        LayerKind.Dense => new DenseRankRule(layer, shapes),
        LayerKind.Pooled => new PooledRankRule(layer, shapes),
        LayerKind.Convolution => new ConvolutionRankRule(layer, shapes),
        _ => new ElmanRankRule(layer, shapes),
    };

    /// <summary>What the layer below gave, read as this layer reads it.</summary>
    public abstract ActivationRanks Inputs(ActivationRanks below);

    /// <summary>phi(Z).</summary>
    public abstract ActivationRanks Outputs(ActivationRanks inputs);

    /// <summary>The gradient at phi(Z), as the layer above or the loss left it, read as this layer's outputs.</summary>
    public abstract SignalRanks AtOutputs(SignalRanks above);

    /// <summary>Delta = dL/dZ from the gradient at phi(Z).</summary>
    public abstract SignalRanks Signals(SignalRanks atOutputs);

    /// <summary>The gradient at the inputs.</summary>
    public abstract SignalRanks AtInputs(SignalRanks delta);

    /// <summary>One fact for each of the layer's weights.</summary>
    public abstract RankFact[] Gradients(ActivationRanks inputs, ActivationRanks outputs, SignalRanks atOutputs, SignalRanks delta);

    /// <summary>phi'(Z) o G: the rank of G if phi is linear; else the shape, or zero where G is.</summary>
    protected RankFact Masked(RankFact signal, string name, RankFact rows, RankFact columns) =>
        Layer.IsLinear || signal.Value == 0 ? signal.Image(name) : RankFact.Least(rows, columns);

    /// <summary>The gradient's own shape.</summary>
    protected RankFact ShapeOf(string name, int weight)
    {
        var columns = Layer.Weights[weight].Columns;
        var patch = Layer.Kind == LayerKind.Convolution
            ? RankFact.Root(name, columns, RankCause.PatchSize, L, () => $"the {columns} entries of a patch of layer {L}", "theory (6.4)")
            : Shapes.Features(name, weight == 0 ? L - 1 : L);
        if (patch.Value != columns)
        {
            // the layer below is read as other places than it has
            patch = RankFact.Root(name, columns, RankCause.InputWidth, L, () => $"the {columns} inputs of layer {L}", "theory (6.1)");
        }

        return RankFact.Least(Shapes.Features(name, L), patch);
    }

    protected static string Gradient(WeightOutline weight) => $"dL/d{weight.Symbol}";
}
