namespace StableRank.GradientRank;

/// <summary>
/// A recurrent layer, theory (6.3): H_t = phi(U X_t + V H_(t-1) + b 1^T); Delta_t collects (V^T)^j G_(t+j), j below the window tau;
/// dL/dU = sum_t Delta_t X_t^T, dL/dV = sum_t Delta_t H_(t-1)^T, dL/dX_t = U^T Delta_t.
/// </summary>
internal sealed class ElmanRankRule : LayerRankRule
{
    private readonly RankFact? _recurrent;

    public ElmanRankRule(LayerOutline layer, RankShapes shapes)
        : base(layer, shapes) => _recurrent = shapes.Weight(layer.Weights[1], layer.Layer);

    private int Steps => Layer.Places;

    public override ActivationRanks Inputs(ActivationRanks below) => below.As(
        Arrangement.Steps, Steps, FeaturesBelow($"{below.Whole.Rank.Name}"), Shapes.SumOf(Layer, "the sum over the time steps"));

    public override ActivationRanks Outputs(ActivationRanks inputs)
    {
        var states = new RankPair[Steps];
        for (var t = 0; t < Steps; t++)
        {
            states[t] = State(inputs, t, t > 0 ? states[t - 1] : null);
        }

        var joinedName = Post + "(:)";
        var rows = Shapes.Features(joinedName, L);
        var joined = RankPair.Full(joinedName, rows, Shapes.Columns(joinedName, Steps));
        var whole = RankPair.Full(Post, Shapes.Rows(Post, L), Shapes.Columns(Post));
        if (Layer.IsLinear)
        {
            // X(1), ..., X(T) give all states, by a linear map and a constant
            whole = inputs.Whole.Image(Post).WithBias(Layer.HasBias).Within(Shapes.Rows(Post, L), Shapes.Columns(Post));
            joined = joined.And(StateSpace(inputs, joinedName, Steps), joined.Centred);
        }

        return ActivationRanks.Of(Arrangement.Steps, whole, joined, states, Shapes.SumOf(Layer, "the sum over the time steps"));
    }

    public override SignalRanks AtOutputs(SignalRanks above) => above.As(
        Arrangement.Steps, Steps, Shapes.Features(above.Whole.Name, L), Shapes.SumOf(Layer, "the sum over the time steps"));

    public override SignalRanks Signals(SignalRanks atOutputs)
    {
        var deltas = new RankFact[Steps];
        for (var t = 0; t < Steps; t++)
        {
            var name = $"{Delta}({t + 1})";
            var collected = Collected(atOutputs, t, name);
            deltas[t] = Layer.IsLinear
                ? RankFact.Least(
                    atOutputs.Whole.Value < collected.Value ? atOutputs.Whole.Image(name) : collected, Shapes.Features(name, L),
                    Shapes.Columns(name))
                : Masked(collected, name, Shapes.Features(name, L), Shapes.Columns(name));
        }

        var joined = Shapes.Features(Delta + "(:)", L);
        var whole = RankFact.Least(Shapes.Rows(Delta, L), Shapes.Columns(Delta));
        if (Layer.IsLinear)
        {
            joined = RankFact.Least(SignalSpace(atOutputs, Delta + "(:)", Layer.Window), joined);
            whole = RankFact.Least(atOutputs.Whole.Image(Delta), whole);
        }

        return SignalRanks.Of(Arrangement.Steps, whole, joined, deltas, Shapes.SumOf(Layer, "the sum over the time steps"));
    }

    public override SignalRanks AtInputs(SignalRanks delta)
    {
        var places = new RankFact[Steps];
        for (var t = 0; t < Steps; t++)
        {
            var name = $"{Below}({t + 1})";
            places[t] = RankFact.Least(delta.Places[t].Through(Weight, name), FeaturesBelow(name));
        }

        var joined = Below + "(:)";
        return SignalRanks.Of(
            Arrangement.Steps, delta.Whole.Image(Below), RankFact.Least(delta.Joined.Through(Weight, joined), FeaturesBelow(joined)),
            places, Shapes.SumOf(Layer, "the sum over the time steps"));
    }

    public override RankFact[] Gradients(ActivationRanks inputs, ActivationRanks outputs, SignalRanks atOutputs, SignalRanks delta)
    {
        var (u, v) = (Gradient(Layer.Weights[0]), Gradient(Layer.Weights[1]));
        var input = RankFact.Least(
            ShapeOf(u, 0), inputs.Joined.Rank.AsFactorOf(u), delta.Joined.AsFactorOf(u),
            Terms(u, Steps, t => inputs.Places[t].Rank, t => delta.Places[t], "the sum over t of min(rank X(t), rank Delta(t))"));
        if (Steps == 1)
        {
            var none = RankFact.Root(
                v, 0, RankCause.TimeSteps, L, () => $"layer {L} has one time step and so no state before it", "theory (6.3)");
            return [input, none];
        }

        var states = outputs.Joined.Rank;
        var signals = delta.Joined;
        if (Layer.IsLinear)
        {
            // H_0 = 0 and Delta_1 take no part: one power of V less on either side
            states = RankFact.Least(states, StateSpace(inputs, $"{Post}(1..{Steps - 1})", Steps - 1));
            signals = RankFact.Least(signals, SignalSpace(atOutputs, $"{Delta}(2..{Steps})", Math.Min(Layer.Window, Steps - 1)));
        }

        var recurrent = RankFact.Least(
            ShapeOf(v, 1), states.AsFactorOf(v), signals.AsFactorOf(v),
            Terms(v, Steps - 1, t => outputs.Places[t].Rank, t => delta.Places[t + 1],
                "the sum over t of min(rank A(t-1), rank Delta(t))"));
        return [input, recurrent];
    }

    private RankFact Terms(string name, int count, Func<int, RankFact> left, Func<int, RankFact> right, string what)
    {
        var terms = new RankFact[count];
        for (var t = 0; t < count; t++)
        {
            terms[t] = RankFact.Least(left(t), right(t));
        }

        return Shapes.Steps(Layer, name, terms, what);
    }

    /// <summary>phi(Z_t), Z_t = U X_t + V H_(t-1) + b 1^T.</summary>
    private RankPair State(ActivationRanks inputs, int t, RankPair? before)
    {
        var pre = $"{Pre}({t + 1})";
        var x = inputs.Places[t].Through(Weight, pre);
        var z = x;
        if (before is { } last)
        {
            var h = last.Through(_recurrent, pre);
            RankFact Sum(RankFact a, RankFact b) => RankFact.Sum(
                a.Name, [a, b], RankCause.TimeSteps, L, () => $"the {Steps} time steps of layer {L}",
                "rank U X(t) + rank V A(t-1)", "theory (6.3)");
            z = new RankPair(Sum(x.Rank, h.Rank), Sum(x.Centred, h.Centred));
        }

        if (Layer.IsLinear)
        {
            var all = inputs.Whole.Image(pre);
            z = new RankPair(RankFact.Least(all.Rank, z.Rank), RankFact.Least(all.Centred, z.Centred));
        }

        z = z.WithBias(Layer.HasBias).Within(Shapes.Features(pre, L), Shapes.Columns(pre));
        var post = $"{Post}({t + 1})";
        return Layer.IsLinear ? z : z.Activated(Layer.Activation, post, Shapes.Features(post, L), Shapes.Columns(post));
    }

    /// <summary>sum of (V^T)^j G_(t+j): the terms that the window lets through.</summary>
    private RankFact Collected(SignalRanks g, int t, string name)
    {
        var end = (int)Math.Min((long)t + Layer.Window, Steps);
        var terms = new RankFact[end - t];
        for (var j = 0; j < terms.Length; j++)
        {
            terms[j] = j == 0 ? g.Places[t].Image(name) : g.Places[t + j].Through(_recurrent, name);
        }

        var isCut = terms.Length < Steps - t;
        var later = RankFact.Sum(
            name, terms, isCut ? RankCause.Truncation : RankCause.TimeSteps, L,
            () => isCut ? $"the truncation to {Layer.Window} steps in layer {L}" : $"the {Steps} time steps of layer {L}",
            "the sum of the ranks at the steps t, ..., that the window lets through", "theory (6.3)");
        if (_recurrent is null)
        {
            return later;
        }

        // all later terms together are V^T times something
        var value = (long)terms[0].Value + _recurrent.Value;
        return value < later.Value
            ? _recurrent.Then(name, value, () => $"rank {name} <= rank G(t) + rank V: {value}", "theory (6.3)")
            : later;
    }

    /// <summary>
    /// Of a linear layer: all columns of A(1), ..., A(powers) are sums of V^k U x and V^k b, k below that number. Each power adds at most
    /// what U X(:) and b span, and those above the first no more than rank V in all.
    /// </summary>
    private RankFact StateSpace(ActivationRanks inputs, string name, int powers)
    {
        var first = inputs.Joined.Rank.Through(Weight, name);
        return Krylov(first, Layer.HasBias ? 1 : 0, name, powers, Steps, bias => bias ? "V^k [U X(:), b]" : "V^k U X(:)");
    }

    /// <summary>Likewise, the columns of all Delta_t are sums of (V^T)^j g, g a column of G(:), j below the window.</summary>
    private RankFact SignalSpace(SignalRanks g, string name, int powers) => Krylov(g.Joined, 0, name, powers, Steps, _ => "(V^T)^k G(:)");

    private RankFact Krylov(RankFact first, int constants, string name, int powers, int steps, Func<bool, string> what)
    {
        var q = first.Value + constants;
        if (powers == 1 && constants == 0)
        {
            return first.Image(name);
        }

        var more = Math.Min((powers - 1L) * Math.Min(q, _recurrent?.Value ?? int.MaxValue), _recurrent?.Value ?? long.MaxValue);
        var value = q + more;
        var isCut = constants == 0 && what(false)[0] == '(' && Layer.Window < steps;
        string Statement() => $"rank {name} <= rank [{what(constants > 0)}, k = 0, ..., {powers - 1}]: {q} + {more} = {value}";
        return first.Then(
            name, value, Statement, "theory (6.3)", isCut ? RankCause.Truncation : RankCause.TimeSteps, L,
            () => isCut ? $"the truncation to {Layer.Window} steps in layer {L}" : $"the {steps} time steps of layer {L}");
    }

    private RankFact FeaturesBelow(string name)
    {
        var features = Layer.InputFeatures;
        var below = Shapes.Features(name, L - 1);
        return below.Value == features
            ? below
            : RankFact.Root(
                name, features, RankCause.InputWidth, L, () => $"the {features} inputs of layer {L} at each step", "theory (6.1)");
    }
}
