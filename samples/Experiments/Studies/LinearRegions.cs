using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Experiments.Learning;
using StableRank.Experiments.Running;
using StableRank.Expressivity;
using StableRank.Networks;
using StableRank.Replication;
using StableRank.Spectra;

namespace StableRank.Experiments.Studies;

/// <summary>Linear regions of ReLU networks between real digits, against the stable rank of their weights and by training.</summary>
internal sealed partial class LinearRegions(LinearRegions.Scope? scope = null) : Experiment
{
    /// <summary>c of theory (2.3) for ReLU.</summary>
    private const double Gain = 2;

    private static readonly IReadOnlyList<int> Digits = [3, 5, 8];

    private static readonly Scope QuickScope = new(
        Width: 32, Depth: 6, Ranks: [2, 4, 8, 16, 32], Biases: [0, 0.05, 0.5], Networks: 100, Widths: [16, 32, 64],
        new SliceScope(Width: 24, Depth: 3, LowRank: 2, HighRank: 24, BiasVariance: 0.05, Epochs: 10, Rate: 0.05, Seeds: 60));

    private static readonly Scope FullScope = QuickScope with
    {
        Width = 64, Depth = 10, Ranks = [2, 4, 8, 16, 32, 64], Networks = 400, Widths = [16, 32, 64, 128],
        Slice = QuickScope.Slice with { Width = 32, HighRank = 32, Epochs = 40, Seeds = 200 },
    };

    public override string Name => "linear-regions";

    public override string Title => "Linear regions and the stable rank";

    public override string Source =>
        "P1, On the Impact of Stable Ranks in Deep Nets (arXiv 2110.02333), asks how stable ranks shape expressivity; theory (7.2); Hanin "
        + "and Rolnick, Complexity of Linear Regions in Deep Networks (arXiv 1901.09021) and Deep ReLU Networks Have Surprisingly Few "
        + "Activation Patterns (arXiv 1906.00904), for Gaussian weights.";

    public override string Claim =>
        "Along a segment between two inputs at the angle θ a ReLU network without biases has 1 + N θ/π linear regions in the mean, N the "
        + "number of its neurons: at any depth, and at any stable rank of the weights (at least 2). What the stable rank decides is how "
        + "widely networks scatter about that mean, and with biases the mean too: the lower the rank, the fewer regions. Training takes "
        + "much of that difference away.";

    public override string Protocol =>
        "ReLU networks on the shipped digits, all hidden layers of one width and of one spectrum of stable rank r with Haar singular "
        + "vectors, at the variance 2/n of an entry whatever r; linear outputs. Segments run from one digit to another, slices through "
        + "three; both are divided exactly at every neuron's zero, nothing is sampled. Why the mean is exact: rows of such weights are "
        + "isotropic, so a neuron vanishes in the mean (length of the curve that enters its layer, as seen from the origin, in radians)/π "
        + "times; a matrix with Haar vectors leaves that length as it is in the mean, whatever its singular values; and so does ReLU, up "
        + "to a factor of 1 - (n + 1) 2^{-n}: given k active neurons the means of the two Beta variables that the length changes by are "
        + "inverse to each other. With biases of variance σ_b^2 the lines in the figures are the limit of wide networks of great stable "
        + "rank: layer l contributes n θ_l/π, θ_l the angle of the two inputs with the entry √(l σ_b^2 n_0/2) appended. Trained networks: "
        + "SGD with momentum on cross-entropy, pairs of slices before and after.";

    public override ExperimentResult Run(ExperimentContext context)
    {
        var settings = scope ?? context.Choose(QuickScope, FullScope);
        return Judge(Measure(settings, context));
    }

    /// <summary>All measurements.</summary>
    internal static Findings Measure(Scope settings, ExperimentContext context)
    {
        var task = LearningTask.Digits(1000);
        double[][] digits = [.. Digits.Select(digit => DigitOf(task, digit))];
        var ladder = from rank in settings.Ranks
                     from bias in settings.Biases
                     select new Ensemble(SpectralFamily.Flat, rank, settings.Width, bias);
        var steep = settings.Ranks
            .Where(rank => SpectralFamily.PowerLaw.AdmittedRange(settings.Width, Math.Min(settings.Width, task.Features)).Contains(rank))
            .Select(rank => new Ensemble(SpectralFamily.PowerLaw, rank, settings.Width, 0));
        var widths = from width in settings.Widths
                     from rank in new[] { settings.Ranks[0], width }
                     where width != settings.Width
                     select new Ensemble(SpectralFamily.Flat, rank, width, 0);
        Ensemble[] ensembles =
        [
            .. ladder, .. steep, .. settings.Biases.Select(bias => new Ensemble(null, double.NaN, settings.Width, bias)), .. widths,
        ];
        double CostOf(Ensemble one) => settings.Depth * Math.Pow(one.Width, 2);
        var meter = new WorkMeter(context, ensembles.Sum(CostOf) * settings.Networks * 1.5);
        var counts = new SegmentCount[ensembles.Length, settings.Networks];
        var size = ReplicateSize.Largest(ensembles.Select(one => ReplicateSize.Of<double>(one.Model(task.Features, settings.Depth))));
        ReplicateLoop.Run(counts.Length, size, job =>
        {
            var (which, replicate) = (job % ensembles.Length, job / ensembles.Length);
            var one = ensembles[which];

            // ensembles have seeds of their own: their estimates are independent
            var network = one.Model(task.Features, settings.Depth).Sample<double>(
                unchecked(context.Seed + ((ulong)(which + 1) * 0x9E3779B97F4A7C15)), (ulong)replicate);
            var partition = SegmentPartition.Of(
                network, Vector<double>.Build.Dense(digits[0]), Vector<double>.Build.Dense(digits[1]),
                cancellationToken: context.Cancellation);
            counts[which, replicate] = new SegmentCount([.. partition.CountByLayer.SkipLast(1)], partition.FunctionPieces);
            meter.Done(CostOf(one));
        }, cancellationToken: context.Cancellation);
        return new Findings(
            settings,
            Inner(digits[0], digits[0]), Inner(digits[0], digits[1]), Inner(digits[1], digits[1]),
            [
                .. ensembles.Select((one, i) => new Cell(
                    one, [.. Enumerable.Range(0, settings.Networks).Select(replicate => counts[i, replicate])])),
            ],
            SliceRun.All(settings.Slice, task, digits, context));
    }

    private static double[] DigitOf(LearningTask task, int digit)
    {
        var sample = Enumerable.Range(0, task.Test.Count).First(i => task.Test.Labels![i] == digit);
        return [.. task.Test.Inputs.Column(sample).Select(value => (double)value)];
    }

    /// <summary>c/n_0 x·y, the covariance of two first pre-activations without their biases.</summary>
    private static double Inner(double[] x, double[] y) => Gain / x.Length * x.Zip(y, (a, b) => a * b).Sum();

    /// <summary>How much is measured.</summary>
    /// <param name="Width">Of the hidden layers.</param>
    /// <param name="Depth">Hidden layers; shallower networks are their lower layers.</param>
    /// <param name="Ranks">Stable ranks, rising; the last one is the width.</param>
    /// <param name="Biases">σ_b^2, rising from 0.</param>
    /// <param name="Networks">A setting, at least 2.</param>
    /// <param name="Widths">Other widths, for the growth with the number of neurons.</param>
    /// <param name="Slice">The slices.</param>
    internal sealed record Scope(
        int Width, int Depth, IReadOnlyList<int> Ranks, IReadOnlyList<double> Biases, int Networks, IReadOnlyList<int> Widths,
        SliceScope Slice);

    /// <summary>How the slices' networks are trained.</summary>
    /// <param name="Width">Of the hidden layers.</param>
    /// <param name="Depth">Hidden layers.</param>
    /// <param name="LowRank">The lower stable rank.</param>
    /// <param name="HighRank">The higher one.</param>
    /// <param name="BiasVariance">σ_b^2 at the start.</param>
    /// <param name="Epochs">Passes over the digits.</param>
    /// <param name="Rate">The learning rate.</param>
    /// <param name="Seeds">Networks of either rank.</param>
    internal sealed record SliceScope(
        int Width, int Depth, int LowRank, int HighRank, double BiasVariance, int Epochs, double Rate, int Seeds);

    /// <summary>What networks are drawn from.</summary>
    /// <param name="Family">Of the hidden layers' spectra; null for Gaussian weights.</param>
    /// <param name="Rank">Their stable rank, or the lesser side of a matrix where that is less.</param>
    /// <param name="Width">n.</param>
    /// <param name="BiasVariance">σ_b^2.</param>
    internal sealed record Ensemble(SpectralFamily? Family, double Rank, int Width, double BiasVariance)
    {
        /// <summary>For people.</summary>
        public string Name => Family is null ? "Gaussian" : $"{Family.Name}, r = {Rank}";

        /// <summary>The model of so many hidden layers.</summary>
        public Model Model(int features, int depth) => Networks.Model.Dense(
            [features, .. Enumerable.Repeat(Width, depth), LearningTask.Classes],
            Activation.ReLU,
            (layer, rows, columns) => layer > depth ? Ensembles.Ensemble.LeCun(rows, columns)
                : Family is null ? Ensembles.Ensemble.Gaussian(rows, columns, Gain / columns)
                : Ensembles.Ensemble.StableRank(
                    rows, columns, Math.Min(Rank, Math.Min(rows, columns)), Family, ScaleConvention.VariancePreserving(Gain)),
            BiasVariance,
            linearOutput: true);
    }

    /// <summary>Regions of one network along the segment.</summary>
    /// <param name="ByLayer">Of the first hidden layer, of the first two, and so on.</param>
    /// <param name="Pieces">Linear pieces of the outputs.</param>
    internal sealed record SegmentCount(IReadOnlyList<int> ByLayer, int Pieces);

    /// <summary>One ensemble's networks.</summary>
    internal sealed record Cell(Ensemble Ensemble, IReadOnlyList<SegmentCount> Networks);

    /// <summary>What was measured.</summary>
    /// <param name="Scope">How much.</param>
    /// <param name="Aa">The covariance of the segment's start with itself, without biases.</param>
    /// <param name="Ab">Of its start with its end.</param>
    /// <param name="Bb">Of its end with itself.</param>
    /// <param name="Cells">Segments.</param>
    /// <param name="Slices">Slices.</param>
    internal sealed record Findings(
        Scope Scope, double Aa, double Ab, double Bb, IReadOnlyList<Cell> Cells, IReadOnlyList<SliceRun> Slices)
    {
        /// <summary>
        /// 1 + sum over layers of n θ_l/π. Without biases it is exact in the mean, with the factor that ReLU adds: the share of patterns
        /// that leave at least two neurons of a layer active. With biases it is the wide limit.
        /// </summary>
        public double Predicted(int width, double biasVariance, int depth)
        {
            var (sum, passed) = (1.0, 1.0);
            var share = biasVariance == 0 ? 1 - ((width + 1) * Math.Pow(2, -width)) : 1;
            for (var l = 1; l <= depth; l++)
            {
                var b = l * biasVariance;
                sum += passed * width / Math.PI * Math.Acos((Ab + b) / Math.Sqrt((Aa + b) * (Bb + b)));
                passed *= share;
            }

            return sum;
        }
    }
}
