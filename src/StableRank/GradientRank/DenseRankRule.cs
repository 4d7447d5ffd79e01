namespace StableRank.GradientRank;

/// <summary>A dense layer: Z = W A + b 1^T, dL/dW = Delta A^T, dL/dA = W^T Delta; theory (6.1), (6.2).</summary>
internal sealed class DenseRankRule(LayerOutline layer, RankShapes shapes) : LayerRankRule(layer, shapes)
{
    public override ActivationRanks Inputs(ActivationRanks below) => ActivationRanks.Flat(below.Whole);

    public override ActivationRanks Outputs(ActivationRanks inputs)
    {
        var pre = inputs.Whole.Through(Weight, Pre).WithBias(Layer.HasBias).Within(Shapes.Features(Pre, L), Shapes.Columns(Pre));
        return ActivationRanks.Flat(
            Layer.IsLinear ? pre : pre.Activated(Layer.Activation, Post, Shapes.Features(Post, L), Shapes.Columns(Post)));
    }

    public override SignalRanks AtOutputs(SignalRanks above) => SignalRanks.Flat(above.Whole);

    public override SignalRanks Signals(SignalRanks atOutputs) =>
        SignalRanks.Flat(Masked(atOutputs.Whole, Delta, Shapes.Features(Delta, L), Shapes.Columns(Delta)));

    public override SignalRanks AtInputs(SignalRanks delta) =>
        SignalRanks.Flat(RankFact.Least(delta.Whole.Through(Weight, Below), Shapes.Rows(Below, L - 1)));

    public override RankFact[] Gradients(ActivationRanks inputs, ActivationRanks outputs, SignalRanks atOutputs, SignalRanks delta)
    {
        var name = Gradient(Layer.Weights[0]);
        return [RankFact.Least(ShapeOf(name, 0), inputs.Whole.Rank.AsFactorOf(name), delta.Whole.AsFactorOf(name))];
    }
}
