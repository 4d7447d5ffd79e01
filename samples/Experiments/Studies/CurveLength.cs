using StableRank.Ensembles;
using StableRank.Experiments.Running;
using StableRank.Expressivity;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Randomness;

namespace StableRank.Experiments.Studies;

/// <summary>Length and curvature of the image of a great circle with depth, theory (7.1), against (4.5) and mean-field growth.</summary>
internal sealed partial class CurveLength(CurveLength.Scope? scope = null) : Experiment
{
    private const double SpectralNorm = 2;
    private const double BiasVariance = 0.05;
    private static readonly IReadOnlyList<double> ReluShares = [0.25, 0.5, 0.75];
    private static readonly IReadOnlyList<double> ErfShares = [0.2, 0.45, 0.9];

    public override string Name => "curve-length";

    public override string Title => "How long and how curved a circle becomes";

    public override string Source =>
        "Length and curvature of the image of a curve (Poole et al. 2016, arXiv 1606.05340, section 3) in stable-rank networks: theory "
        + "(4.5), (4.7), (7.1).";

    public override string Claim =>
        "A layer multiplies the mean square speed of the image of any curve by A s_1^2 r / n, exactly and at any width where there are no "
        + "biases and the activation is positively homogeneous: stable ranks are linear factors whose effect on length is exponential in "
        + "depth. In wide networks of smooth activation length and curvature grow by χ_1 and χ_2; behind ReLU curvature has no limit.";

    public override string Protocol =>
        $"A great circle of ‖x‖^2 = n_0 in a random plane, s_1 = {SpectralNorm}, flat spectra. ReLU without biases: x_l behind the "
        + "activation, mean square speed from exact tangents on a fixed grid, length from a polygon that is refined until its estimated "
        + $"error is 1 %. erf with biases of variance {BiasVariance}: h_l before the activation, length and total curvature refined "
        + "to 1 %, against the limit. Curvature over widths: ReLU and erf networks of three layers, r = n/2, "
        + "refined to 5 % where the points suffice. The verdict on (4.5) allows 4 standard errors; that on the limit twice Σ 1/p over the "
        + "layers, 4 standard errors and the estimated error of the polygon.";

    public override ExperimentResult Run(ExperimentContext context) => Judge(Measure(context));

    /// <summary>The measurements.</summary>
    internal Findings Measure(ExperimentContext context)
    {
        var s = scope ?? context.Choose(
            new Scope(48, 6, 160, 128, 6, 8, [16, 32, 64], 6), new Scope(128, 10, 400, 400, 8, 12, [16, 32, 64, 128, 256], 12));
        var work = new WorkMeter(
            context, ReluShares.Count * s.ReluNetworks + ErfShares.Count * s.ErfNetworks * 10.0 + s.Widths.Count * s.WidthNetworks * 20.0);
        var part = 0;
        CurveSet Measure(Activation activation, double share, int width, int depth, int networks, CurveOptions options, double unit)
        {
            var model = Model.Dense(
                [.. Enumerable.Repeat(width, depth + 1)],
                activation,
                (_, m, n) => Ensemble.StableRank(m, n, share * n, scale: ScaleConvention.Spectral(SpectralNorm)),
                activation == Activation.ReLU ? 0 : BiasVariance);
            var seed = context.Seed + ((ulong)++part << 40);
            var circle = Curve.GreatCircle(width, 1, new RandomStream(seed, purpose: 1UL << 40));
            var run = MonteCarloCurve.Run<double>(model, circle, networks, seed, options, cancellationToken: context.Cancellation);
            work.Done(networks * unit);
            ExactPropagation.TryOf(model, out var exact, out _);
            return new CurveSet(
                share, width, run, exact ?? [], MeanFieldCircle.Of(model, 1),
                [.. MeanField.Of(model, 1).Layers.Select(layer => layer.RelativeSpread * layer.RelativeSpread / 2)],
                [.. run.Input.SelfSimilarity.Select(cosine => MeanField.Of(model, 1, cosine).Layers.Select(l => l.Correlation).ToList())]);
        }

        var relu = new CurveOptions { Pieces = 32, LengthTolerance = 0.01 };
        var erf = new CurveOptions
        {
            Pieces = 48, LengthTolerance = 0.01, CurvatureTolerance = 0.01, Signal = CurveSignal.PreActivations, MaximumPoints = 2048,
        };
        var widths = new CurveOptions { Pieces = 64, LengthTolerance = 0.01, CurvatureTolerance = 0.05, MaximumPoints = 1 << 14 };
        return new Findings(
            s,
            [.. ReluShares.Select(share => Measure(Activation.ReLU, share, s.ReluWidth, s.ReluDepth, s.ReluNetworks, relu, 1))],
            [.. ErfShares.Select(share => Measure(Activation.Erf, share, s.ErfWidth, s.ErfDepth, s.ErfNetworks, erf, 10))],
            [.. s.Widths.Select(n => Measure(Activation.ReLU, 0.5, n, 3, s.WidthNetworks, widths, 10))],
            [.. s.Widths.Select(n => Measure(Activation.Erf, 0.5, n, 3, s.WidthNetworks, widths, 10))]);
    }

    /// <summary>How much is measured.</summary>
    internal sealed record Scope(
        int ReluWidth, int ReluDepth, int ReluNetworks, int ErfWidth, int ErfDepth, int ErfNetworks, IReadOnlyList<int> Widths,
        int WidthNetworks);

    /// <summary>A circle through networks of one law.</summary>
    /// <param name="Share">r/n.</param>
    /// <param name="Width">n.</param>
    /// <param name="Run">What was measured.</param>
    /// <param name="Exact">Theory (4.5), where it holds.</param>
    /// <param name="Limit">Mean-field growth.</param>
    /// <param name="InverseRanks">Sum 1/p over the layers so far.</param>
    /// <param name="Similarity">The limit of the cosines before the activation, lag after lag and layer after layer.</param>
    internal sealed record CurveSet(
        double Share, int Width, CurveRun Run, IReadOnlyList<LayerPrediction> Exact, IReadOnlyList<MeanFieldCircleLayer> Limit,
        IReadOnlyList<double> InverseRanks, IReadOnlyList<IReadOnlyList<double>> Similarity);

    /// <summary>Everything.</summary>
    internal sealed record Findings(
        Scope Scope, IReadOnlyList<CurveSet> Relu, IReadOnlyList<CurveSet> Erf, IReadOnlyList<CurveSet> ReluWidths,
        IReadOnlyList<CurveSet> ErfWidths);
}
