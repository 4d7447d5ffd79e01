using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Experiments.Running;
using StableRank.Kernels;
using StableRank.Networks;
using StableRank.Replication;
using StableRank.Spectra;

namespace StableRank.Experiments.Studies;

/// <summary>The tangent kernels of single networks, and their means, against the limit: theory (5.1) to (5.5).</summary>
internal sealed partial class KernelLimit(KernelLimit.Scope? scope = null) : Experiment
{
    private const double FlatRank = 8;
    private const double SpikeRank = 4;
    private const int Hidden = 2;

    /// <summary>Over so many squares of outputs an NNGP kernel is nearly normal.</summary>
    private const int MeanOutputs = 64;

    private static readonly IReadOnlyList<double> Shares = [1 / 8.0, 1 / 2.0, 1];

    /// <summary>The laws of single networks: stable ranks that grow with the width, then fixed ones.</summary>
    private static readonly IReadOnlyList<(string Name, double? Share, SpectralFamily Family, double FixedRank)> Laws =
    [
        .. Shares.Select(share => ($"r/k = {FractionName(share)}", (double?)share, SpectralFamily.Flat, 0.0)),
        ($"r = {FlatRank:0}", null, SpectralFamily.Flat, FlatRank),
        ($"r = {SpikeRank:0}, spike", null, SpectralFamily.Spike, SpikeRank),
    ];

    /// <summary>Activations of the means, with the gain of every layer.</summary>
    private static readonly IReadOnlyList<(Activation Activation, double Gain)> Kinds =
        [(Activation.ReLU, 2), (Activation.Erf, 1.5), (Activation.Tanh, 1.5)];

    private static readonly Scope QuickScope = new(
        Widths: [64, 128, 256, 512], Networks: [256, 256, 192, 96], FixedNetworks: [1024, 1024, 512, 256], Samples: 8,
        MeanWidth: 512, Depths: [1, 3], MeanNetworks: 24);

    private static readonly Scope FullScope = new(
        Widths: [64, 128, 256, 512, 1024, 2048], Networks: [400, 400, 256, 128, 48, 16],
        FixedNetworks: [4000, 4000, 2000, 500, 128, 32], Samples: 10,
        MeanWidth: 1024, Depths: [1, 2, 3, 4, 5, 6], MeanNetworks: 20);

    public override string Name => "ntk-limit";

    public override string Title => "Neural tangent kernels and their limit at prescribed stable ranks";

    public override string Source =>
        "The neural tangent kernel (Jacot, Gabriel, Hongler 2018, arXiv 1806.07572) of stable-rank ensembles: theory (5.1) to (5.3), and "
        + "the warning (5.5).";

    public override string Claim =>
        "The tangent kernel of one network of stable-rank layers converges to the limit kernel with gains g_l = s_1^2 r_l / n_l at the "
        + "rate 1/√n as long as the ratio r/k stays fixed. It does not where the participation ranks stay small: then networks of any "
        + "width scatter about it. Means over networks agree with the limit for all activations and depths.";

    public override string Protocol =>
        "Digits, scaled to ‖x‖^2 = n_0 and padded with zeros to n_0 = n (Haar singular vectors make any embedding equal), so that "
        + $"one limit kernel serves all widths n. One network: {Hidden} ReLU layers n x n of gain 2 and one linear output, without "
        + $"biases; flat spectra whose stable rank grows with n, flat ones of stable rank {FlatRank:0} at every n, and spikes, "
        + $"one singular value above a level bulk of full rank, of stable rank {SpikeRank:0} and participation rank about "
        + $"{SpikeRank * SpikeRank:0} at every n. "
        + "Its deviation is ‖Θ - Θ_∞‖_F / ‖Θ_∞‖_F; exponents are fitted to root mean squares over networks, with "
        + "99.9 % bootstrap intervals. Means: depth counts hidden layers; "
        + $"{MeanOutputs} linear outputs, over which kernels are averaged. An entry deviates by (mean - limit) / standard error, Student's "
        + "t where the limit is the mean; entries of a set of networks depend on one another, so a verdict counts sets, "
        + "and allows 0.1 % of false alarms.";

    public override ExperimentResult Run(ExperimentContext context) => Judge(Measure(context));

    /// <summary>The measurements.</summary>
    internal Findings Measure(ExperimentContext context)
    {
        var s = scope ?? context.Choose(QuickScope, FullScope);
        int Networks(bool grows, int i) => (grows ? s.Networks : s.FixedNetworks)[i];
        var single = Laws.Sum(law => s.Widths.Select((n, i) => Networks(law.Share is not null, i) * SingleWork(n)).Sum());
        var means = (double)Kinds.Count * Shares.Count * s.Depths.Sum() * s.MeanNetworks * s.MeanWidth * s.MeanWidth * s.MeanWidth;
        var work = new WorkMeter(context, single + means);
        var curves = new List<Curve>();
        foreach (var law in Laws)
        {
            curves.Add(new Curve(law.Name, law.Share, [.. s.Widths.Select((n, i) => MeasureSingle(
                s, law.Family, law.Share is { } share ? share * n : law.FixedRank, n, Networks(law.Share is not null, i),
                Seed(context, (100 * curves.Count) + i), work))]));
        }

        var sets = new List<MeanSet>();
        foreach (var (activation, gain) in Kinds)
        {
            foreach (var depth in s.Depths)
            {
                foreach (var share in Shares)
                {
                    sets.Add(MeasureMean(s, activation, gain, depth, share, Seed(context, 1000 + sets.Count), work));
                }
            }
        }

        return new Findings(s, curves, sets);
    }

    /// <summary>Seeds of parts: apart for parts of one run, and for all runs but those whose seeds differ by multiples of 2^40.</summary>
    private static ulong Seed(ExperimentContext context, int part) => context.Seed + ((ulong)(part + 1) << 40);

    private static double SingleWork(int width) => (double)Hidden * width * width * width;

    private static SinglePoint MeasureSingle(
        Scope s, SpectralFamily family, double stableRank, int width, int networks, ulong seed, WorkMeter work)
    {
        var model = Dense(width, Hidden, 1, Activation.ReLU, 2, stableRank, family);
        var inputs = Inputs(s.Samples, width);
        var limit = LimitKernel.Of(model);
        var exact = limit.Compute(inputs).Ntk;
        var single = inputs.Map(value => (float)value);
        var multipliers = ParameterMultipliers.Ntk(model);
        var deviations = new double[networks];
        ReplicateLoop.Run(networks, ReplicateSize.Of<float>(model, s.Samples), replicate =>
        {
            var kernel = new EmpiricalKernel<float>(model.Sample<float>(seed, (ulong)replicate), multipliers);
            var ntk = kernel.Ntk(single, output: KernelOutput.Trace, cancellationToken: work.Cancellation).Kernel;
            deviations[replicate] = KernelComparison.RelativeDistance(ntk.Map(value => (double)value), exact);
            work.Done(SingleWork(width));
        }, cancellationToken: work.Cancellation);
        return new SinglePoint(width, stableRank, model.Layers[0].Weights.Moments.ParticipationRank, limit.RelativeSpread, deviations);
    }

    private static MeanSet MeasureMean(
        Scope s, Activation activation, double gain, int depth, double share, ulong seed, WorkMeter work)
    {
        var width = s.MeanWidth;
        var model = Dense(width, depth, MeanOutputs, activation, gain, share * width, SpectralFamily.Flat);
        var inputs = Inputs(s.Samples, width);
        var limit = LimitKernel.Of(model).Compute(inputs);
        var before = 0;
        var perNetwork = (double)depth * width * width * width;
        var run = MonteCarloKernel.Run(
            model, inputs.Map(value => (float)value), s.MeanNetworks, seed,
            progress: new Forward(done =>
            {
                work.Done((done - before) * perNetwork);
                before = done;
            }),
            cancellationToken: work.Cancellation);
        return new MeanSet(activation.Name, depth, share, share * width, limit, run.Ntk, run.Nngp);
    }

    /// <summary>Layers n x n of one stable rank and gain, and a linear layer of as great a rank as it can have.</summary>
    private static Model Dense(
        int width, int hidden, int outputs, Activation activation, double gain, double stableRank, SpectralFamily family) => Model.Dense(
        [.. Enumerable.Repeat(width, hidden + 1), outputs],
        activation,
        (layer, m, n) => layer <= hidden
            ? Ensemble.StableRank(m, n, stableRank, family, ScaleConvention.VariancePreserving(gain))
            : Ensemble.StableRank(m, n, m, SpectralFamily.Flat, ScaleConvention.VariancePreserving(gain)),
        linearOutput: true);

    /// <summary>The first digits, ||x||^2 = n_0 each, in the first 64 of n_0 features.</summary>
    private static Matrix<double> Inputs(int samples, int width)
    {
        var digits = Digits.Load().Features;
        var inputs = Matrix<double>.Build.Dense(width, samples);
        for (var i = 0; i < samples; i++)
        {
            var column = digits.Column(i);
            inputs.SetSubMatrix(0, digits.RowCount, i, 1, (column * Math.Sqrt(width) / column.L2Norm()).ToColumnMatrix());
        }

        return inputs;
    }

    /// <summary>How much is measured.</summary>
    /// <param name="Widths">Of the single networks, at least 64, rising.</param>
    /// <param name="Networks">How many of each width where the stable rank grows with it.</param>
    /// <param name="FixedNetworks">How many of each width where it is fixed: their tails are heavier.</param>
    /// <param name="Samples">Digits.</param>
    /// <param name="MeanWidth">Of the networks that are averaged, at least 64.</param>
    /// <param name="Depths">Their hidden layers.</param>
    /// <param name="MeanNetworks">How many are averaged.</param>
    internal sealed record Scope(
        IReadOnlyList<int> Widths, IReadOnlyList<int> Networks, IReadOnlyList<int> FixedNetworks, int Samples, int MeanWidth,
        IReadOnlyList<int> Depths, int MeanNetworks);

    /// <summary>What was measured.</summary>
    internal sealed record Findings(Scope Scope, IReadOnlyList<Curve> Curves, IReadOnlyList<MeanSet> Sets);

    /// <summary>Single networks over widths.</summary>
    /// <param name="Name">The law of their weights.</param>
    /// <param name="Share">r/k; null where r is fixed.</param>
    /// <param name="Points">Width after width.</param>
    internal sealed record Curve(string Name, double? Share, IReadOnlyList<SinglePoint> Points);

    /// <summary>Single networks of one width.</summary>
    /// <param name="Width">n.</param>
    /// <param name="StableRank">r of the hidden layers.</param>
    /// <param name="ParticipationRank">p of the hidden layers.</param>
    /// <param name="Predicted">The spread that theory predicts.</param>
    /// <param name="Deviations">‖Θ - Θ_∞‖_F / ‖Θ_∞‖_F of each network.</param>
    internal sealed record SinglePoint(
        int Width, double StableRank, double ParticipationRank, double Predicted, IReadOnlyList<double> Deviations)
    {
        /// <summary>The root mean square of the deviations.</summary>
        public double Rms => Math.Sqrt(Deviations.Average(d => d * d));

        /// <summary>Its standard error, by the delta method.</summary>
        public double StandardError
        {
            get
            {
                var mean = Deviations.Average(d => d * d);
                var variance = Deviations.Sum(d => ((d * d) - mean) * ((d * d) - mean)) / (Deviations.Count - 1.0);
                return Math.Sqrt(variance / Deviations.Count) / (2 * Rms);
            }
        }
    }

    /// <summary>Kernels averaged over the networks of one law.</summary>
    internal sealed record MeanSet(
        string Activation, int Depth, double Share, double StableRank, LimitKernelResult Limit, KernelEstimate Ntk, KernelEstimate Nngp)
    {
        /// <summary>Deviations of the entries on and below the diagonal, in standard errors.</summary>
        public IEnumerable<double> Deviations(bool tangent)
        {
            var all = tangent ? Ntk.DeviationsFrom(Limit.Ntk) : Nngp.DeviationsFrom(Limit.Nngp);
            for (var j = 0; j < all.ColumnCount; j++)
            {
                for (var i = j; i < all.RowCount; i++)
                {
                    yield return all[i, j];
                }
            }
        }
    }

    /// <summary>Reports on the calling thread, in order.</summary>
    private sealed class Forward(Action<int> report) : IProgress<Replication.ReplicationProgress>
    {
        public void Report(Replication.ReplicationProgress value) => report(value.Completed);
    }
}
