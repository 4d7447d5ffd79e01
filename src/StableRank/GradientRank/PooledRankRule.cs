namespace StableRank.GradientRank;

/// <summary>
/// Means of channels, M = mean over p of A(p), and a dense layer on them. M is a linear image of A from the left and of A(:) from the
/// right; dL/dA(p) = W^T Delta / P at every p.
/// </summary>
internal sealed class PooledRankRule(LayerOutline layer, RankShapes shapes) : LayerRankRule(layer, shapes)
{
    public override ActivationRanks Inputs(ActivationRanks below) => below.As(
        Arrangement.Image, Layer.InputPlaces, FeaturesBelow(below.Whole.Rank.Name), Shapes.SumOf(Layer, "the sum over the positions"));

    public override ActivationRanks Outputs(ActivationRanks inputs)
    {
        var pre = Means(inputs).Through(Weight, Pre).WithBias(Layer.HasBias).Within(Shapes.Features(Pre, L), Shapes.Columns(Pre));
        return ActivationRanks.Flat(
            Layer.IsLinear ? pre : pre.Activated(Layer.Activation, Post, Shapes.Features(Post, L), Shapes.Columns(Post)));
    }

    public override SignalRanks AtOutputs(SignalRanks above) => SignalRanks.Flat(above.Whole);

    public override SignalRanks Signals(SignalRanks atOutputs) =>
        SignalRanks.Flat(Masked(atOutputs.Whole, Delta, Shapes.Features(Delta, L), Shapes.Columns(Delta)));

    public override SignalRanks AtInputs(SignalRanks delta)
    {
        // every A(p), the whole and the joined are the same columns, repeated
        var one = RankFact.Least(delta.Whole.Through(Weight, Below), FeaturesBelow(Below));
        var places = new RankFact[Layer.InputPlaces];
        for (var p = 0; p < places.Length; p++)
        {
            places[p] = one.Image($"{Below}({p + 1})");
        }

        return SignalRanks.Of(
            Arrangement.Image, one, one.Image($"{Below}(:)"), places, Shapes.SumOf(Layer, "the sum over the positions"));
    }

    public override RankFact[] Gradients(ActivationRanks inputs, ActivationRanks outputs, SignalRanks atOutputs, SignalRanks delta)
    {
        var name = Gradient(Layer.Weights[0]);
        return [RankFact.Least(ShapeOf(name, 0), Means(inputs).Rank.AsFactorOf(name), delta.Whole.AsFactorOf(name))];
    }

    private RankPair Means(ActivationRanks inputs)
    {
        var name = $"M_{L - 1}";
        var joined = inputs.Joined.Image(name);
        return inputs.Whole.Image(name).And(joined.Rank, joined.Centred).Within(FeaturesBelow(name), Shapes.Columns(name));
    }

    private RankFact FeaturesBelow(string name)
    {
        var channels = Layer.InputFeatures;
        return RankFact.Root(
            name, channels, RankCause.Channels, L - 1, () => $"the {channels} channels that layer {L} takes the means of", "theory (6.1)");
    }
}
