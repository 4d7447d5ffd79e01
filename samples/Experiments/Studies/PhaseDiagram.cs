using System.Globalization;
using StableRank.Ensembles;
using StableRank.Experiments.Figures;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Randomness;

namespace StableRank.Experiments.Studies;

/// <summary>Order and chaos over stable rank, spectral norm and bias variance: theory (4.7) against pairs sent through networks.</summary>
internal sealed class PhaseDiagram(PhaseDiagram.Scope? scope = null) : Experiment
{
    /// <summary>The cosine that pairs start with.</summary>
    private const double Start = 0.99;

    /// <summary>Points with |chi_1 - 1| up to this are shown but not judged.</summary>
    private const double Margin = 0.2;

    /// <summary>Of the points judged so many must agree.</summary>
    private const double Required = 0.95;

    private const double FixedNorm = 2;
    private const double FixedBias = 0.05;

    private static readonly IReadOnlyList<Activation> Kinds = [Activation.ReLU, Activation.Tanh, Activation.Erf];
    private static readonly IReadOnlyList<double> Shares = [0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 1];
    private static readonly IReadOnlyList<double> Norms = [0.9, 1.2, 1.5, 1.8, 2.1, 2.4, 2.7];
    private static readonly IReadOnlyList<double> Biases = [0.01, 0.08, 0.16, 0.24, 0.32, 0.4];

    public override string Name => "phase-diagram";

    public override string Title => "Order and chaos over stable rank, spectral norm and biases";

    public override string Source =>
        "The critical line χ_1 = 1 (Poole et al. 2016, arXiv 1606.05340; Schoenholz et al. 2017, arXiv 1611.01232) at the gain "
        + "g = s_1^2 r / n of a stable-rank ensemble: theory (2.4), (4.7).";

    public override string Claim =>
        "Whether a wide network merges nearby inputs or drives them apart is decided by the gain s_1^2 r / n and the bias variance alone: "
        + "the critical stable rank is r = g_c(σ_b^2) n / s_1^2. Lowering the stable rank of layers orders a chaotic network as lowering "
        + "their spectral norm does.";

    public override string Protocol =>
        $"Theory: the line g_c of each activation. Measured, at every point of a grid: pairs of inputs of cosine {Start}, started at the "
        + "length q* of theory (1 where lengths grow without bound), through networks of flat spectra; the mean squared distance of a "
        + "pair per neuron, q_a + q_b - 2 c √(q_a q_b) from measured means, after the last layer against that after the first. It shrinks: "
        + "ordered; it grows: chaotic. For tanh and erf lengths stay at q*, so that this is the correlation, which rises above or falls "
        + "below where it began. For ReLU correlations rise in both phases, and lengths decide. "
        + $"A point is judged where theory's χ_1 differs from 1 by more than {Margin}; the verdict needs {Required:0 %} of these to agree.";

    public override ExperimentResult Run(ExperimentContext context) => Judge(Measure(context));

    /// <summary>The measurements.</summary>
    internal Findings Measure(ExperimentContext context)
    {
        var s = scope ?? context.Choose(new Scope(64, 10, 6, 4), new Scope(256, 16, 12, 4));
        var grid = (
            from activation in Kinds from norm in Norms from share in Shares select (activation, norm, share, FixedBias))
            .Concat(from bias in Biases from share in Shares select (Activation.Erf, FixedNorm, share, bias)).ToList();
        var work = new WorkMeter(context, grid.Count);
        return new Findings(s, [.. grid.Select((at, i) =>
        {
            var point = MeasurePoint(
                s, at.Item1, at.Item2, at.Item3, at.Item4, context.Seed + ((ulong)(i + 1) << 40), work.Cancellation);
            work.Done(1);
            return point;
        })]);
    }

    private static Point MeasurePoint(
        Scope s, Activation activation, double norm, double share, double bias, ulong seed, CancellationToken cancellation)
    {
        var map = new MeanFieldMap(activation, norm * norm * share, bias);
        var fixedPoint = map.Attractor();
        var meanSquare = fixedPoint.Limit == LengthLimit.Finite ? (fixedPoint.Length - bias) / map.Gain : 1;
        var model = Model.Dense(
            [.. Enumerable.Repeat(s.Width, s.Depth + 1)],
            activation,
            (_, m, n) => Ensemble.StableRank(m, n, share * n, scale: ScaleConvention.Spectral(norm)),
            bias);
        var inputs = InputPairs.Make(s.Width, s.Pairs, meanSquare, Start, new RandomStream(seed, purpose: 1UL << 40));
        var run = MonteCarloMeanField.Run(model, inputs, s.Networks, seed, cancellationToken: cancellation);
        return new Point(
            activation.Name, norm, share, bias, fixedPoint.Slope, run.Layers[^1].Correlation.Mean,
            Math.Log(Distance(run.Layers[^1]) / Distance(run.Layers[0])));
    }

    private static double Distance(MeanFieldMeasurement layer)
    {
        var (a, b) = (layer.LengthA.Mean, layer.LengthB.Mean);
        return a + b - 2 * layer.Correlation.Mean * Math.Sqrt(a * b);
    }

    /// <summary>What the measurements say, with nothing measured anew.</summary>
    internal static ExperimentResult Judge(Findings found)
    {
        var sets = Sets(found);
        return new ExperimentResult(
            [DiagramFigure(found, sets)],
            [CountTable(sets)],
            [
                Verdict.OnParts(
                    "Networks are ordered below the critical stable rank g_c(σ_b^2) n / s_1^2 and chaotic above it.",
                    [.. sets.Select(set => Agreement(set.Name, set.Points))]),
                GainVerdict(found),
            ],
            [
                "ReLU has chaos of lengths only: behind enough layers two inputs have cosine 1 in either phase.",
                $"Within {Margin} of χ_1 = 1 networks of this width and depth need not agree; hollow points there are not judged.",
            ]);
    }

    private static List<(string Name, IReadOnlyList<Point> Points)> Sets(Findings found) =>
    [
        .. Kinds.Select(kind => (kind.Name, (IReadOnlyList<Point>)[.. found.Points
            .Where(p => p.Activation == kind.Name).Take(Norms.Count * Shares.Count)])),
        ("erf over biases", [.. found.Points.Skip(Kinds.Count * Norms.Count * Shares.Count)]),
    ];

    private static (bool, string) Agreement(string name, IReadOnlyList<Point> points)
    {
        var judged = points.Where(p => p.IsJudged).ToList();
        var agree = judged.Count(p => p.Agrees);
        var (ordered, chaotic) = (judged.Count(p => p.Slope < 1), judged.Count(p => p.Slope > 1));
        return (agree >= Required * judged.Count && ordered > 0 && chaotic > 0, string.Create(CultureInfo.InvariantCulture,
            $"{name}: {agree} of {judged.Count} points with |χ_1 - 1| > {Margin} agree ({ordered} ordered, {chaotic} chaotic by theory; "
            + $"{points.Count - judged.Count} not judged)"));
    }

    /// <summary>Points of nearly one gain, far apart in stable rank and norm, must do the same.</summary>
    private static Verdict GainVerdict(Findings found)
    {
        var points = found.Points.Where(p => p.IsJudged && p.BiasVariance == FixedBias).ToList();
        var pairs = points.SelectMany((a, i) => points.Skip(i + 1).Where(b =>
            a.Activation == b.Activation && Math.Max(a.Share, b.Share) >= 1.5 * Math.Min(a.Share, b.Share)
            && Math.Abs(Math.Log(a.Gain / b.Gain)) < 0.05).Select(b => (a, b))).ToList();
        var same = pairs.Count(pair => pair.a.Growth > 0 == pair.b.Growth > 0);
        return Verdict.OnParts(
            "Stable rank and spectral norm act through the gain alone: networks of one gain are of one phase.",
            (pairs.Count > 0 && same >= Required * pairs.Count,
                $"{same} of {pairs.Count} pairs of points of one gain (within 5 %) whose stable ranks differ by a factor 1.5 and more"));
    }

    private static Figure DiagramFigure(Findings found, List<(string Name, IReadOnlyList<Point> Points)> sets) => new(
        "phases",
        "Phase diagrams",
        $"Lines: χ_1 = 1 by theory (4.7). Points: networks of width {found.Scope.Width} and {found.Scope.Depth} layers; a triangle that "
            + "points down: the distance of a nearby pair shrank (ordered); up: it grew (chaotic). Hollow: too near the line to be judged. "
            + $"Dashed lines: other bias variances. The first three diagrams have σ_b^2 = {FixedBias}, the last s_1 = {FixedNorm}.",
        [
            .. Kinds.Select((kind, i) => new Panel(
                kind.Name,
                new Axis("spectral norm s_1", Minimum: 0.75, Maximum: 2.85),
                new Axis("stable rank r/n", Minimum: 0, Maximum: 1.08),
                [.. NormLines(kind), .. Marks(sets[i].Points, p => p.Norm)])),
            new Panel(
                "erf over biases",
                new Axis("bias variance σ_b^2", Minimum: 0, Maximum: 0.42),
                new Axis("stable rank r/n", Minimum: 0, Maximum: 1.08),
                [
                    Series.Line("χ_1 = 1", Palette.Theory, Enumerable.Range(0, 61).Select(i => 0.42 * i * i / 3600)
                        .Select(b => (b, Critical(Activation.Erf, b) / (FixedNorm * FixedNorm)))),
                    .. Marks(sets[^1].Points, p => p.BiasVariance),
                ]),
        ])
    {
        RowHeight = 380,
    };

    private static IEnumerable<Series> NormLines(Activation kind)
    {
        IReadOnlyList<double> biases = kind == Activation.ReLU ? [FixedBias] : [FixedBias, 0.002, 0.4];
        return biases.Select((bias, i) => Series.Line(
            i == 0 ? "χ_1 = 1" : $"σ_b^2 = {bias.ToString(CultureInfo.InvariantCulture)}",
            i == 0 ? Palette.Theory : Palette.Guide,
            Enumerable.Range(0, 81).Select(k => 0.75 + (2.1 * k / 80)).Select(norm => (norm, Critical(kind, bias) / (norm * norm)))
                .Where(p => p.Item2 <= 1.08)) with { Stroke = i == 0 ? Stroke.Solid : i == 1 ? Stroke.Dotted : Stroke.Dashed });
    }

    private static IEnumerable<Series> Marks(IReadOnlyList<Point> points, Func<Point, double> abscissa) =>
        from chaotic in new[] { false, true }
        from judged in new[] { true, false }
        let chosen = points.Where(p => p.Growth > 0 == chaotic && p.IsJudged == judged).ToList()
        where chosen.Count > 0
        select Series.Measured(
            $"{(chaotic ? "chaotic" : "ordered")}{(judged ? "" : ", near the line")}", Palette.Categorical[chaotic ? 1 : 0],
            chosen.Select(p => (abscissa(p), p.Share, 0.0))) with
        {
            Marker = chaotic ? Marker.TriangleUp : Marker.TriangleDown, Hollow = !judged, InLegend = judged, PointSize = 0.9,
        };

    private static ResultTable CountTable(List<(string Name, IReadOnlyList<Point> Points)> sets) => new(
        "Points",
        ["diagram", "points", "judged", "agree", "not judged, agree"],
        [.. sets.Select(set =>
        {
            IReadOnlyList<string> row =
            [
                set.Name, $"{set.Points.Count}", $"{set.Points.Count(p => p.IsJudged)}", $"{set.Points.Count(p => p.IsJudged && p.Agrees)}",
                $"{set.Points.Count(p => !p.IsJudged && p.Agrees)} of {set.Points.Count(p => !p.IsJudged)}",
            ];
            return row;
        })]);

    private static double Critical(Activation activation, double bias) => CriticalLine.ForBias(activation, bias)[0].Gain;

    /// <summary>How much is measured.</summary>
    internal sealed record Scope(int Width, int Depth, int Networks, int Pairs);

    /// <summary>A point of a diagram.</summary>
    /// <param name="Activation">phi.</param>
    /// <param name="Norm">s_1.</param>
    /// <param name="Share">r/n.</param>
    /// <param name="BiasVariance">s_b^2.</param>
    /// <param name="Slope">chi_1 by theory.</param>
    /// <param name="Correlation">The measured cosine behind the last layer.</param>
    /// <param name="Growth">The log of the last measured squared distance over the first.</param>
    internal sealed record Point(
        string Activation, double Norm, double Share, double BiasVariance, double Slope, double Correlation, double Growth)
    {
        public double Gain => Norm * Norm * Share;

        public bool IsJudged => Math.Abs(Slope - 1) > Margin;

        public bool Agrees => Growth > 0 == Slope > 1;
    }

    /// <summary>Everything: activation after activation, then the diagram over biases.</summary>
    internal sealed record Findings(Scope Scope, IReadOnlyList<Point> Points);
}
