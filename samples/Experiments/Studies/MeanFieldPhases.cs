using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Experiments.Measuring;
using StableRank.Experiments.Running;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Randomness;
using StableRank.Replication;

namespace StableRank.Experiments.Studies;

/// <summary>Mean-field theory with the stable rank as the gain, theory (4.7), and Jacobians, (4.8) and (4.9).</summary>
internal sealed partial class MeanFieldPhases(MeanFieldPhases.Scope? scope = null) : Experiment
{
    /// <summary>s_1 of every layer: the gain is then 4 r / n.</summary>
    private const double SpectralNorm = 2;

    private const double BiasVariance = 0.05;
    private const double OrderedShare = 0.125;
    private const double ChaoticShare = 0.75;

    private static readonly IReadOnlyList<double> MapLengths = [0.08, 0.3, 0.6, 1, 1.5, 2.1, 2.8];
    private static readonly IReadOnlyList<double> MapCorrelations = [-0.6, -0.3, 0, 0.3, 0.5, 0.7, 0.85, 0.95];
    private static readonly IReadOnlyList<(double MeanSquare, double Correlation)> Starts = [(3, 0.1), (0.1, 0.95)];

    private static readonly Scope QuickScope = new(
        Width: 256, MapNetworks: 120, Depth: 10, DepthNetworks: 24, PhaseWidth: 160, PhaseDepth: 6, LineNetworks: 80, GridNetworks: 40,
        ProductWidth: 32, ProductNetworks: 1000, JacobianWidth: 128, JacobianNetworks: 24);

    private static readonly Scope FullScope = new(
        Width: 512, MapNetworks: 200, Depth: 16, DepthNetworks: 40, PhaseWidth: 256, PhaseDepth: 8, LineNetworks: 100, GridNetworks: 24,
        ProductWidth: 32, ProductNetworks: 4000, JacobianWidth: 256, JacobianNetworks: 24);

    public override string Name => "mean-field";

    public override string Title => "The stable rank moves a network through its phases";

    public override string Source =>
        "Mean-field theory of signal propagation (Poole et al. 2016, arXiv 1606.05340; Schoenholz et al. 2017, arXiv 1611.01232) with the "
        + "gain of a stable-rank ensemble: theory (2.4), (4.7), (4.8); products of linear layers at finite width: theory (4.9).";

    public override string Claim =>
        "A wide layer with Haar singular vectors, spectral norm s_1 and stable rank r acts on signals as an independent Gaussian one of "
        + "gain g = s_1^2 r / m. At a given spectral norm the stable rank alone then decides whether a network is ordered (nearby inputs "
        + "merge, gradients vanish) or chaotic (they separate, gradients explode). The spectra of its Jacobians follow from its "
        + "participation ranks; for linear layers their second moments are known exactly at every width.";

    public override string Protocol =>
        "Networks with the activation erf, s_1 = 2 in every layer and flat spectra. Maps: a Gaussian layer makes pre-activations whose "
        + "lengths and correlations have exactly the wanted means, erf and one stable-rank layer with biases follow; their mean is then "
        + "known exactly at any width, not only in the limit. Depth: two kinds of input pairs (long and nearly orthogonal, short and "
        + "nearly parallel) through networks of constant width at an ordered, the critical and a chaotic stable rank, against the limit. "
        + "Phases: networks started at the length q*; χ_1 is the growth a layer of the mean square of tangent vectors, from the third "
        + "layer on; a measured critical stable rank is the predicted one moved by what χ_1 misses 1 by, over theory's slope. Jacobians: "
        + "formed by matrix products. A verdict on exact values allows 0.1 % of false alarms over all its comparisons (Student, "
        + "Bonferroni); one on limits allows finite widths the stated distance besides.";

    public override ExperimentResult Run(ExperimentContext context) => Judge(Measure(context));

    /// <summary>The measurements.</summary>
    internal Findings Measure(ExperimentContext context)
    {
        var s = scope ?? context.Choose(QuickScope, FullScope);
        var critical = Critical(BiasVariance) / (SpectralNorm * SpectralNorm);
        IReadOnlyList<double> shares = [OrderedShare, critical, ChaoticShare];
        var grid = (from bias in GridBiases from share in GridShares select (bias, share)).ToList();
        var work = new WorkMeter(context, shares.Count * s.MapNetworks * 2.0 + shares.Count * s.DepthNetworks * s.Depth
            + (LineBiases.Count * s.LineNetworks + grid.Count * s.GridNetworks) * s.PhaseDepth / 4.0);
        var maps = shares.Select((share, i) => MeasureMap(s, share, Seed(context, i), work)).ToList();
        var depths = shares.Select((share, i) => MeasureDepth(s, share, Seed(context, 10 + i), work)).ToList();
        var line = LineBiases.Select((bias, i) => MeasureSlope(
            s, Critical(bias) / (SpectralNorm * SpectralNorm), bias, s.LineNetworks, Seed(context, 100 + i), work)).ToList();
        var phases = grid.Select((at, i) => MeasureSlope(
            s, at.share, at.bias, s.GridNetworks, Seed(context, 200 + i), work)).ToList();
        return new Findings(s, maps, depths, line, phases, MeasureProducts(s, context), MeasureJacobians(s, context));
    }

    /// <summary>The gain on the critical line.</summary>
    internal static double Critical(double biasVariance) => CriticalLine.ForBias(Activation.Erf, biasVariance)[0].Gain;

    private static double Gain(double share) => SpectralNorm * SpectralNorm * share;

    /// <summary>Seeds of parts: apart for parts of one run, and for all runs but those whose seeds differ by multiples of 2^40.</summary>
    private static ulong Seed(ExperimentContext context, int part) => context.Seed + ((ulong)(part + 1) << 40);

    private static Ensemble Weights(int rows, int columns, double stableRank) =>
        Ensemble.StableRank(rows, columns, stableRank, scale: ScaleConvention.Spectral(SpectralNorm));

    private static MapMeasurement MeasureMap(Scope s, double share, ulong seed, WorkMeter work)
    {
        var map = new MeanFieldMap(Activation.Erf, Gain(share), BiasVariance);
        var length = map.Attractor().Length;
        var model = new Model(
        [
            new DenseSpecification(Ensemble.Gaussian(s.Width, s.Width, 1.0 / s.Width), Activation.Erf),
            new DenseSpecification(Weights(s.Width, s.Width, share * s.Width), Activation.Linear, BiasVariance),
        ]);
        var stream = new RandomStream(seed, purpose: 1UL << 40);
        var inputs = MapLengths.Select(q => InputPairs.Make(s.Width, 1, q, 0, stream))
            .Concat(MapCorrelations.Select(c => InputPairs.Make(s.Width, 1, length, c, stream)))
            .Aggregate((a, b) => a.Append(b));
        var estimates = ReplicateMeans.Run(
            model, inputs, s.MapNetworks, seed, MapLengths.Count + MapCorrelations.Count, Fill, () => work.Done(2), work.Cancellation);
        return new MapMeasurement(
            share * s.Width, map, length, [.. estimates.Take(MapLengths.Count)], [.. estimates.Skip(MapLengths.Count)]);

        void Fill(ForwardPass<double> pass, Span<double> values)
        {
            var h = pass.PreActivations[1];
            for (var i = 0; i < values.Length; i++)
            {
                // lengths over both columns of a pair, then covariances
                var (a, b) = (2 * i, 2 * i + 1);
                values[i] = i < MapLengths.Count
                    ? (ReplicateMeans.Dot(h, a, a) + ReplicateMeans.Dot(h, b, b)) / (2 * s.Width)
                    : ReplicateMeans.Dot(h, a, b) / s.Width;
            }
        }
    }

    private static DepthMeasurement MeasureDepth(Scope s, double share, ulong seed, WorkMeter work)
    {
        var model = Model.Dense(
            [.. Enumerable.Repeat(s.Width, s.Depth + 1)], Activation.Erf, (_, m, n) => Weights(m, n, share * n), BiasVariance);
        var stream = new RandomStream(seed, purpose: 1UL << 40);
        var inputs = Starts.Select(start => InputPairs.Make(s.Width, 2, start.MeanSquare, start.Correlation, stream))
            .Aggregate((a, b) => a.Append(b));
        var perStart = 2 * s.Depth;
        var estimates = ReplicateMeans.Run(
            model, inputs, s.DepthNetworks, seed, Starts.Count * perStart, Fill, () => work.Done(s.Depth), work.Cancellation);
        return new DepthMeasurement(share * s.Width, [.. Starts.Select((start, i) => new Trajectory(
            MeanField.Of(model, start.MeanSquare, start.Correlation).Layers,
            [.. estimates.Skip(i * perStart).Take(s.Depth)],
            [.. estimates.Skip(i * perStart + s.Depth).Take(s.Depth)]))]);

        void Fill(ForwardPass<double> pass, Span<double> values)
        {
            for (var i = 0; i < Starts.Count; i++)
            {
                for (var l = 0; l < s.Depth; l++)
                {
                    var (h, at) = (pass.PreActivations[l], i * perStart + l);
                    for (var pair = 2 * i; pair < 2 * i + 2; pair++)
                    {
                        var (a, b) = (2 * pair, 2 * pair + 1);
                        var (aa, bb) = (ReplicateMeans.Dot(h, a, a), ReplicateMeans.Dot(h, b, b));
                        values[at] += (aa + bb) / (4 * s.Width);
                        values[at + s.Depth] += ReplicateMeans.Dot(h, a, b) / Math.Sqrt(aa * bb) / 2;
                    }
                }
            }
        }
    }

    private static PhaseMeasurement MeasureSlope(Scope s, double share, double bias, int networks, ulong seed, WorkMeter work)
    {
        var map = new MeanFieldMap(Activation.Erf, Gain(share), bias);
        var point = map.Attractor();
        var model = Model.Dense(
            [.. Enumerable.Repeat(s.PhaseWidth, s.PhaseDepth + 1)], Activation.Erf, (_, m, n) => Weights(m, n, share * n), bias);

        // the first layer takes the inputs as they are: q* = g ||x||^2 / n + s_b^2
        var inputs = InputPairs.Make(
            s.PhaseWidth, 2, (point.Length - bias) / Gain(share), 0, new RandomStream(seed, purpose: 1UL << 40));
        var run = MonteCarloMeanField.Run(model, inputs, networks, seed, cancellationToken: work.Cancellation);
        work.Done(networks * s.PhaseDepth / 4.0);

        // layers share their network: the mean of their standard errors is an upper bound of that of their mean
        var slopes = run.Layers.Skip(2).Select(layer => layer.Slope).ToList();
        return new PhaseMeasurement(
            share * s.PhaseWidth, bias, point.Slope,
            new Estimate(slopes.Average(e => e.Mean), slopes.Average(e => e.StandardError), networks));
    }

    private static List<ProductMeasurement> MeasureProducts(Scope s, ExperimentContext context) =>
        [.. ProductRanks.Select((share, i) =>
        {
            var model = Model.Dense(
                [.. Enumerable.Repeat(s.ProductWidth, ProductDepth + 1)],
                Activation.Linear,
                (_, m, n) => Ensemble.StableRank(m, n, share * n, scale: ScaleConvention.Linear));
            var run = MonteCarloJacobian.Run(
                model, Matrix<double>.Build.Dense(s.ProductWidth, 1, 1), s.ProductNetworks, Seed(context, 400 + i),
                cancellationToken: context.Cancellation);
            return new ProductMeasurement(share * s.ProductWidth, LinearProduct.Of(model), JacobianMoments.Of(model, 1), run.Layers);
        })];

    private static List<JacobianComparison> MeasureJacobians(Scope s, ExperimentContext context) =>
        [.. JacobianShares.Select((share, i) =>
        {
            var gain = Gain(ChaoticShare);
            var model = Model.Dense(
                [.. Enumerable.Repeat(s.JacobianWidth, JacobianDepth + 1)],
                Activation.Erf,
                (_, m, n) => Ensemble.StableRank(m, n, share * n, scale: ScaleConvention.VariancePreserving(gain)),
                BiasVariance);
            var point = new MeanFieldMap(Activation.Erf, gain, BiasVariance).Attractor();
            var meanSquare = (point.Length - BiasVariance) / gain;
            var inputs = InputPairs.Make(
                s.JacobianWidth, 1, meanSquare, 0, new RandomStream(Seed(context, 500 + i), purpose: 1UL << 40))
                    .SubMatrix(0, s.JacobianWidth, 0, 1);
            var run = MonteCarloJacobian.Run(
                model, inputs, s.JacobianNetworks, Seed(context, 500 + i), cancellationToken: context.Cancellation);
            return new JacobianComparison(share * s.JacobianWidth, s.JacobianWidth, JacobianMoments.Of(model, meanSquare), run.Layers);
        })];

    /// <summary>How much is measured.</summary>
    /// <param name="Width">Of the networks of the maps and of the depth figure.</param>
    /// <param name="MapNetworks">Networks for each stable rank of the maps.</param>
    /// <param name="Depth">Layers of the depth figure.</param>
    /// <param name="DepthNetworks">Networks for each stable rank of it.</param>
    /// <param name="PhaseWidth">Of the networks of the phase diagram.</param>
    /// <param name="PhaseDepth">Their layers, at least 3.</param>
    /// <param name="LineNetworks">Networks for each point of the critical line.</param>
    /// <param name="GridNetworks">Networks for each point beside it.</param>
    /// <param name="ProductWidth">Of the linear networks.</param>
    /// <param name="ProductNetworks">Linear networks for each stable rank.</param>
    /// <param name="JacobianWidth">Of the networks whose Jacobians are measured.</param>
    /// <param name="JacobianNetworks">Networks for each stable rank of them.</param>
    internal sealed record Scope(
        int Width, int MapNetworks, int Depth, int DepthNetworks, int PhaseWidth, int PhaseDepth, int LineNetworks, int GridNetworks,
        int ProductWidth, int ProductNetworks, int JacobianWidth, int JacobianNetworks);
}
