using StableRank.Networks;

namespace StableRank.GradientRank;

/// <summary>
/// A convolution, theory (6.4): Z(p) = K P(p) + b 1^T at every position p, P(p) the patch of A's pixels that it sees;
/// dL/dK = sum_p Delta(p) P(p)^T = Delta(:) P(:)^T; dL/dA at a pixel is the sum of K_tap^T Delta(p) over the positions that see it.
/// </summary>
internal sealed class ConvolutionRankRule : LayerRankRule
{
    private readonly ConvolutionShape _shape;

    /// <summary>For each position, the pixels that it sees, one a tap that is not in the padding.</summary>
    private readonly int[][] _seen;

    /// <summary>The taps that see a pixel at some position, and whether one of them is in the padding at another.</summary>
    private readonly int _taps;

    private readonly bool _isPadded;

    public ConvolutionRankRule(LayerOutline layer, RankShapes shapes)
        : base(layer, shapes)
    {
        _shape = layer.Shape!;
        ConvolutionAxis v = _shape.Vertical, h = _shape.Horizontal;
        _seen = new int[_shape.Positions][];
        var uses = new int[v.Kernel * h.Kernel];
        var pixels = new List<int>(uses.Length);
        for (var position = 0; position < _seen.Length; position++)
        {
            pixels.Clear();
            for (var tap = 0; tap < uses.Length; tap++)
            {
                var y = Pixel(v, position / h.Positions, tap / h.Kernel);
                var x = Pixel(h, position % h.Positions, tap % h.Kernel);
                if (y >= 0 && y < v.Size && x >= 0 && x < h.Size)
                {
                    pixels.Add((y * h.Size) + x);
                    uses[tap]++;
                }
            }

            _seen[position] = [.. pixels];
        }

        _taps = uses.Count(count => count > 0);
        _isPadded = uses.Any(count => count > 0 && count < _seen.Length);
    }

    public override ActivationRanks Inputs(ActivationRanks below) => below.As(
        Arrangement.Image, Layer.InputPlaces, ChannelsBelow(below.Whole.Rank.Name), Shapes.SumOf(Layer, "the sum over the pixels"));

    public override ActivationRanks Outputs(ActivationRanks inputs)
    {
        var n = _seen.Length;
        var linear = new RankPair[n];
        for (var p = 0; p < n; p++)
        {
            var name = $"{Pre}({p + 1})";
            linear[p] = Patch(inputs, p).Through(Weight, name).WithBias(Layer.HasBias)
                .Within(Shapes.Features(name, L), Shapes.Columns(name));
        }

        var joinedName = Pre + "(:)";
        var joined = Patches(inputs).Through(Weight, joinedName).WithBias(Layer.HasBias)
            .Within(Shapes.Features(joinedName, L), Shapes.Columns(joinedName, n));
        var whole = inputs.Whole.Image(Pre).WithBias(Layer.HasBias).Within(Shapes.Rows(Pre, L), Shapes.Columns(Pre));
        var pre = ActivationRanks.Of(Arrangement.Image, whole, joined, linear, Shapes.SumOf(Layer, "the sum over the positions"));
        if (Layer.IsLinear)
        {
            return pre;
        }

        RankPair Activated(RankPair z, string name, RankFact rows, int columns) =>
            z.Activated(Layer.Activation, name, rows, Shapes.Columns(name, columns));
        var post = new RankPair[n];
        for (var p = 0; p < n; p++)
        {
            var name = $"{Post}({p + 1})";
            post[p] = Activated(pre.Places[p], name, Shapes.Features(name, L), 1);
        }

        return ActivationRanks.Of(
            Arrangement.Image,
            Activated(pre.Whole, Post, Shapes.Rows(Post, L), 1),
            Activated(pre.Joined, Post + "(:)", Shapes.Features(Post + "(:)", L), n),
            post,
            Shapes.SumOf(Layer, "the sum over the positions"));
    }

    public override SignalRanks AtOutputs(SignalRanks above) => above.As(
        Arrangement.Image, Layer.Places, Shapes.Features(above.Whole.Name, L), Shapes.SumOf(Layer, "the sum over the positions"));

    public override SignalRanks Signals(SignalRanks atOutputs)
    {
        var n = _seen.Length;
        var places = new RankFact[n];
        for (var p = 0; p < n; p++)
        {
            var name = $"{Delta}({p + 1})";
            places[p] = Masked(atOutputs.Places[p], name, Shapes.Features(name, L), Shapes.Columns(name));
        }

        var joined = Delta + "(:)";
        return SignalRanks.Of(
            Arrangement.Image,
            Masked(atOutputs.Whole, Delta, Shapes.Rows(Delta, L), Shapes.Columns(Delta)),
            Masked(atOutputs.Joined, joined, Shapes.Features(joined, L), Shapes.Columns(joined, n)),
            places,
            Shapes.SumOf(Layer, "the sum over the positions"));
    }

    public override SignalRanks AtInputs(SignalRanks delta)
    {
        var terms = new List<RankFact>[Layer.InputPlaces];
        var through = new RankFact[_seen.Length];
        for (var p = 0; p < _seen.Length; p++)
        {
            through[p] = delta.Places[p].Through(Weight, $"K^T {Delta}({p + 1})");
            foreach (var pixel in _seen[p])
            {
                (terms[pixel] ??= []).Add(through[p]);
            }
        }

        var pixels = new RankFact[terms.Length];
        for (var i = 0; i < pixels.Length; i++)
        {
            var name = $"{Below}({i + 1})";
            var sum = terms[i] is { } seenBy
                ? Shapes.Positions(Layer, name, [.. seenBy], "the sum over the positions that see the pixel")
                : RankFact.Root(name, 0, RankCause.Positions, L, () => $"no position of layer {L} sees that pixel", "theory (6.4)");
            pixels[i] = RankFact.Least(sum, ChannelsBelow(name), Shapes.Columns(name));
        }

        var joinedName = Below + "(:)";
        var tap = delta.Joined.Through(Weight, joinedName);
        var taps = tap.Then(
            joinedName, (long)_taps * tap.Value,
            () => $"rank {joinedName} <= {_taps} taps x rank K_tap^T {Delta}(:): {(long)_taps * tap.Value}", "theory (6.4)");
        var whole = RankFact.Least(
            delta.Whole.Image(Below), Shapes.Positions(Layer, Below, through, $"the sum over the positions of rank K^T {Delta}(p)"),
            Shapes.Rows(Below, L - 1));
        return SignalRanks.Of(
            Arrangement.Image, whole, RankFact.Least(taps, ChannelsBelow(joinedName)), pixels,
            Shapes.SumOf(Layer, "the sum over the pixels"));
    }

    public override RankFact[] Gradients(ActivationRanks inputs, ActivationRanks outputs, SignalRanks atOutputs, SignalRanks delta)
    {
        var name = Gradient(Layer.Weights[0]);
        var terms = new RankFact[_seen.Length];
        for (var p = 0; p < terms.Length; p++)
        {
            terms[p] = RankFact.Least(Patch(inputs, p).Rank, delta.Places[p]);
        }

        return
        [
            RankFact.Least(
                ShapeOf(name, 0), Patches(inputs).Rank.AsFactorOf(name), delta.Joined.AsFactorOf(name),
                Shapes.Positions(Layer, name, terms, "the sum over the positions of min(rank P(p), rank Delta(p))")),
        ];
    }

    private static int Pixel(ConvolutionAxis axis, int position, int tap) =>
        (position * axis.Stride) + (tap * axis.Dilation) - axis.Padding;

    /// <summary>P(p): its rows are those of the pixels, and all of them rows of A.</summary>
    private RankPair Patch(ActivationRanks inputs, int p)
    {
        var name = $"P_{L}({p + 1})";
        var seen = _seen[p];
        if (seen.Length == 0)
        {
            RankFact Nothing(string of) => RankFact.Root(
                of, 0, RankCause.ConstantInputs, L, () => $"position {p + 1} of layer {L} sees the padding only", "theory (6.4)");
            return new RankPair(Nothing(name), Nothing(name + " C"));
        }

        RankFact Sum(string of, Func<RankPair, RankFact> part) => Shapes.Positions(
            Layer, of, Array.ConvertAll(seen, pixel => part(inputs.Places[pixel])), "the sum over the pixels that the patch sees");
        return RankPair.Of(
            RankFact.Least(inputs.Whole.Rank.Image(name), Sum(name, pair => pair.Rank)),
            RankFact.Least(inputs.Whole.Centred.Image(name + " C"), Sum(name + " C", pair => pair.Centred)));
    }

    /// <summary>P(:), patch x positions N: one block of rows a tap, a selection of A(:)'s columns, zeros in the padding.</summary>
    private RankPair Patches(ActivationRanks inputs)
    {
        var name = $"P_{L}(:)";
        RankFact Taps(string of, RankFact joined) => joined.Then(
            of, (long)_taps * joined.Value, () => $"rank {of} <= {_taps} taps x rank {joined.Name}: {(long)_taps * joined.Value}",
            "theory (6.4)");
        var ranks = new RankFact[_seen.Length];
        for (var p = 0; p < ranks.Length; p++)
        {
            ranks[p] = Patch(inputs, p).Rank;
        }

        var rank = RankFact.Least(
            Taps(name, inputs.Joined.Rank),
            Shapes.Positions(Layer, name, ranks, "the sum over the positions of rank P(p)"));
        // in the padding the mean column is not taken from zero
        var centred = _isPadded ? rank.Image(name + " C") : Taps(name + " C", inputs.Joined.Centred);
        return RankPair.Of(rank, centred);
    }

    private RankFact ChannelsBelow(string name)
    {
        var channels = _shape.Channels;
        return L == 1 || Shapes.Features(name, L - 1).Value != channels
            ? RankFact.Root(
                name, channels, RankCause.InputWidth, L - 1, () => $"the channels of layer {L}'s input, {channels}", "theory (6.4)")
            : Shapes.Features(name, L - 1);
    }
}
