using StableRank.Networks;

namespace StableRank.GradientRank;

/// <summary>The ranks that a network is given from outside: of the data and of the gradient at the outputs.</summary>
internal static class OuterRanks
{
    /// <summary>X.</summary>
    public static ActivationRanks Data(LayerOutline first, RankShapes shapes, RankAssumptions assumptions)
    {
        var whole = Among("X", shapes.Rows("X", 0), shapes.Columns("X"), shapes.Data("X", assumptions.DataRank));
        if (first.Kind == LayerKind.Dense)
        {
            return ActivationRanks.Flat(whole);
        }

        var places = new RankPair[first.InputPlaces];
        for (var p = 0; p < places.Length; p++)
        {
            var name = $"X({p + 1})";
            places[p] = Among(name, shapes.Features(name, 0), shapes.Columns(name), shapes.Data(name, assumptions.StepDataRank));
        }

        var joined = Among(
            "X(:)", shapes.Features("X(:)", 0), shapes.Columns("X(:)", places.Length), shapes.Data("X(:)", assumptions.JoinedDataRank));
        var arrangement = first.Kind == LayerKind.Elman ? Arrangement.Steps : Arrangement.Image;
        return ActivationRanks.Of(arrangement, whole, joined, places, shapes.SumOf(first, "the sum over the places"));
    }

    /// <summary>
    /// dL/dA_L. The steps that the loss does not read get none. The columns of the cross-entropy's gradient sum to zero over all outputs
    /// that it reads, taken together or step by step.
    /// </summary>
    public static SignalRanks Loss(LayerOutline last, RankShapes shapes)
    {
        var l = last.Layer;
        var name = $"dL/dA_{l}";
        var read = last.Places - shapes.FirstLossStep;
        var rows = checked(read * last.Features);
        var ofLoss = shapes.Loss(name, rows);
        var whole = RankFact.Least(ofLoss, shapes.Rows(name, l), shapes.Columns(name));
        if (last.Kind is LayerKind.Dense or LayerKind.Pooled)
        {
            return SignalRanks.Flat(whole);
        }

        var places = new RankFact[last.Places];
        for (var p = 0; p < places.Length; p++)
        {
            var place = $"{name}({p + 1})";
            places[p] = p < shapes.FirstLossStep
                ? RankFact.Root(place, 0, RankCause.LossSteps, l, () => $"the loss does not read step {place}", "theory (6.3)")
                : RankFact.Least(shapes.Features(place, l), shapes.Columns(place));
        }

        return SignalRanks.Of(
            last.Kind == LayerKind.Elman ? Arrangement.Steps : Arrangement.Image, whole, shapes.Features(name + "(:)", l), places,
            shapes.SumOf(last, "the sum over the places"));
    }

    private static RankPair Among(string name, RankFact rows, RankFact columns, RankFact? given) =>
        given is null
            ? RankPair.Full(name, rows, columns)
            : RankPair.Of(given, given.Image(name + " C")).Within(rows, columns);
}
