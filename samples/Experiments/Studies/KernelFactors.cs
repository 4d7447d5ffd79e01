using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Experiments.Measuring;
using StableRank.Experiments.Running;
using StableRank.Kernels;
using StableRank.Networks;
using StableRank.Replication;
using StableRank.Spectra;

namespace StableRank.Experiments.Studies;

/// <summary>Stable ranks as linear factors of kernels, and as exponents over depth: theory (4.4), (4.5), (5.1) to (5.3).</summary>
internal sealed partial class KernelFactors(KernelFactors.Scope? scope = null) : Experiment
{
    /// <summary>s_1 of every layer: the gain of a layer is then 4 r / m.</summary>
    private const double SpectralNorm = 2;

    /// <summary>Two inputs: two squared norms, and one pair.</summary>
    private const int Samples = 2;

    /// <summary>Sizes from the input on: no two layers of one shape.</summary>
    private static readonly IReadOnlyList<int> Sizes = [64, 56, 48, 40, 32];

    /// <summary>r over the layer's fan-out, of the layer that is varied; the others stand at a half.</summary>
    private static readonly IReadOnlyList<double> Shares = [1 / 8.0, 1 / 4.0, 1 / 2.0, 3 / 4.0, 1];

    private static readonly IReadOnlyList<double> DepthShares = [1 / 4.0, 1 / 2.0, 3 / 4.0, 1];

    private static readonly Scope QuickScope = new(Networks: 800, Width: 64, Depths: [1, 2, 3, 4, 5, 6], DepthNetworks: 700);

    private static readonly Scope FullScope = new(
        Networks: 8000, Width: 128, Depths: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], DepthNetworks: 2500);

    public override string Name => "ntk-factors";

    public override string Title => "Stable ranks as linear factors of kernels";

    public override string Source =>
        "P1's abstract (arXiv 2110.02333): stable ranks appear layerwise as linear factors whose effect accumulates exponentially "
        + "depthwise, here in kernels: theory (4.4), (4.5), (5.1) to (5.3).";

    public override string Claim =>
        "At given spectral norms each layer's stable rank is a linear factor of the mean NNGP kernel K and of the mean tangent kernel Θ. "
        + "In bias-free ReLU networks that is exact on the diagonal at every width: K(x, x) is proportional to every r_l; so is Θ(x, x) in "
        + "the parameterisation 'ntk', whose terms have each gain once; in the parameterisation 'standard' the term of the layer itself "
        + "lacks its gain, and Θ(x, x) is a straight line in r_l that does not go through zero. All layers together act exponentially: "
        + "K = (g/2)^L ‖x‖^2 / n_0, Θ = L K.";

    public override string Protocol =>
        $"Networks {string.Join("-", Sizes)} of four ReLU layers, s_1 = {SpectralNorm:0} in each, flat spectra, no biases; the inputs are "
        + "two digits, ‖x‖^2 = n_0. One layer's stable rank runs from m/8 to m, m its fan-out, the others stay at m/2; means over "
        + "networks, new ones for each stable rank. Straight lines are fitted with weights from theory, never from the data. Over depth: "
        + "square layers, all of one stable rank, new networks for each depth; slopes of log K and log(Θ/L) against L. "
        + "Means that heavy tails spoil, by the exact third moment of ‖x_L‖^2, are hollow and not tested. A verdict allows 0.1 % of false "
        + "alarms. Off the diagonal the factors are a limit: there finite widths are allowed Σ 1/(2p) besides.";

    public override ExperimentResult Run(ExperimentContext context) => Judge(Measure(context));

    /// <summary>The measurements.</summary>
    internal Findings Measure(ExperimentContext context)
    {
        var s = scope ?? context.Choose(QuickScope, FullScope);
        var layers = Sizes.Count - 1;
        var single = (double)Sizes.Take(layers).Sum(n => n * n * n) * 2 * s.Networks;
        var cube = (double)s.Width * s.Width * s.Width * s.DepthNetworks;
        var work = new WorkMeter(context, (single * layers * Shares.Count) + (cube * s.Depths.Sum() * DepthShares.Count));
        var varied = new List<Varied>();
        for (var layer = 1; layer <= layers; layer++)
        {
            varied.AddRange(Shares.Select((share, i) => MeasureVaried(s, layer, share, Seed(context, (10 * layer) + i), work, single)));
        }

        var deep = new List<Deep>();
        foreach (var share in DepthShares)
        {
            foreach (var depth in s.Depths)
            {
                deep.Add(MeasureDeep(s, share, depth, Seed(context, 100 + deep.Count), work, cube * depth));
            }
        }

        return new Findings(s, varied, deep);
    }

    /// <summary>Seeds of parts: apart for parts of one run, and for all runs but those whose seeds differ by multiples of 2^40.</summary>
    private static ulong Seed(ExperimentContext context, int part) => context.Seed + ((ulong)(part + 1) << 40);

    private static Varied MeasureVaried(Scope s, int layer, double share, ulong seed, WorkMeter work, double amount)
    {
        var model = OneVaried(layer, share);
        var inputs = Inputs(model.InputSize);
        var cell = Measure(model, inputs, s.Networks, seed, work);
        var standard = MonteCarloKernel.Run(
            model, inputs, s.Networks, seed, parameterization: KernelParameterization.Standard, cancellationToken: work.Cancellation);
        work.Done(amount);
        return new Varied(
            layer, share, share * Sizes[layer], cell, standard.Ntk,
            LimitKernel.Of(model, KernelParameterization.Standard).Compute(inputs).Ntk, OwnTerm(layer, inputs));
    }

    private static Deep MeasureDeep(Scope s, double share, int depth, ulong seed, WorkMeter work, double amount)
    {
        var model = Model.Dense(
            [.. Enumerable.Repeat(s.Width, depth + 1)], Activation.ReLU, (_, m, n) => Weights(m, n, share * m));
        var cell = Measure(model, Inputs(s.Width), s.DepthNetworks, seed, work);
        work.Done(amount);
        return new Deep(share, depth, share * s.Width, cell);
    }

    private static Cell Measure(Model model, Matrix<double> inputs, int networks, ulong seed, WorkMeter work)
    {
        var run = MonteCarloKernel.Run(model, inputs, networks, seed, cancellationToken: work.Cancellation);
        var moments = model.Layers
            .Select(layer => NormMoments.OfLayer(((StableRankEnsemble)layer.Weights).Spectrum!, layer.OutputSize, layer.InputSize))
            .Aggregate((a, b) => [.. a.Zip(b, (x, y) => x * y)]);
        return new Cell(
            LimitKernel.Of(model).Compute(inputs), run.Nngp, run.Ntk, Reliability.MeanIsTestable(moments, networks),
            model.Layers.Sum(layer => 1 / layer.Weights.Moments.ParticipationRank));
    }

    /// <summary>
    /// The term of the 'standard' limit that lacks the varied layer's gain: what is left of the affine function at r_l = 0, from two.
    /// </summary>
    private static double OwnTerm(int layer, Matrix<double> inputs)
    {
        var (half, whole) = (At(0.5), At(1));
        return (2 * half) - whole;

        double At(double share) =>
            LimitKernel.Of(OneVaried(layer, share), KernelParameterization.Standard).Compute(inputs).Ntk[0, 0];
    }

    private static Model OneVaried(int layer, double share) =>
        Model.Dense(Sizes, Activation.ReLU, (l, m, n) => Weights(m, n, (l == layer ? share : 0.5) * m));

    private static Ensemble Weights(int rows, int columns, double stableRank) =>
        Ensemble.StableRank(rows, columns, stableRank, SpectralFamily.Flat, ScaleConvention.Spectral(SpectralNorm));

    /// <summary>The first two digits, ||x||^2 = n_0 each, in the first 64 of n_0 features; of fewer features the middle ones.</summary>
    private static Matrix<double> Inputs(int size)
    {
        var digits = Digits.Load().Features.SubMatrix(0, 64, 0, Samples);
        var (from, count) = (Math.Max(0, 64 - size) / 2, Math.Min(64, size));
        var inputs = Matrix<double>.Build.Dense(size, Samples);
        inputs.SetSubMatrix(0, 0, digits.SubMatrix(from, count, 0, Samples));
        for (var i = 0; i < Samples; i++)
        {
            inputs.SetColumn(i, inputs.Column(i) * Math.Sqrt(size) / inputs.Column(i).L2Norm());
        }

        return inputs;
    }

    /// <summary>How much is measured.</summary>
    /// <param name="Networks">Networks for each stable rank of the layer that is varied.</param>
    /// <param name="Width">Of the networks whose layers are varied together.</param>
    /// <param name="Depths">Their numbers of layers, at least two of them.</param>
    /// <param name="DepthNetworks">Networks for each depth and stable rank.</param>
    internal sealed record Scope(int Networks, int Width, IReadOnlyList<int> Depths, int DepthNetworks);

    /// <summary>What was measured.</summary>
    internal sealed record Findings(Scope Scope, IReadOnlyList<Varied> Varied, IReadOnlyList<Deep> Deep);

    /// <summary>The kernels of one law, 'ntk' parameterisation.</summary>
    /// <param name="Limit">The limit kernels, exact on the diagonal.</param>
    /// <param name="Nngp">The mean of K over networks.</param>
    /// <param name="Ntk">The mean of Θ.</param>
    /// <param name="Testable">Whether the means are near enough to normal.</param>
    /// <param name="InverseRanks">Sum over the layers of 1/p.</param>
    internal sealed record Cell(LimitKernelResult Limit, KernelEstimate Nngp, KernelEstimate Ntk, bool Testable, double InverseRanks);

    /// <summary>One layer's stable rank varied.</summary>
    /// <param name="Layer">The layer, from 1.</param>
    /// <param name="Share">r over the fan-out.</param>
    /// <param name="StableRank">r.</param>
    /// <param name="Cell">What was measured.</param>
    /// <param name="Standard">The mean of Θ in the 'standard' parameterisation.</param>
    /// <param name="StandardLimit">Its limit.</param>
    /// <param name="OwnTerm">What theory leaves of it on the diagonal at r = 0.</param>
    internal sealed record Varied(
        int Layer, double Share, double StableRank, Cell Cell, KernelEstimate Standard, Matrix<double> StandardLimit, double OwnTerm);

    /// <summary>All stable ranks varied together.</summary>
    /// <param name="Share">r over the width.</param>
    /// <param name="Depth">L.</param>
    /// <param name="StableRank">r.</param>
    /// <param name="Cell">What was measured.</param>
    internal sealed record Deep(double Share, int Depth, double StableRank, Cell Cell)
    {
        /// <summary>The mean of Θ/L.</summary>
        public Estimate PerLayer(int sample)
        {
            var whole = Cell.Ntk.At(sample, sample);
            return whole with { Mean = whole.Mean / Depth, StandardError = whole.StandardError / Depth };
        }
    }
}
