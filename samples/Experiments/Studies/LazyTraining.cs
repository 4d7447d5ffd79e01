using System.Globalization;
using StableRank.Ensembles;
using StableRank.Experiments.Learning;
using StableRank.Experiments.Running;
using StableRank.Networks;
using StableRank.Replication;
using StableRank.Spectra;

namespace StableRank.Experiments.Studies;

/// <summary>Gradient descent on wide networks of given stable ranks against what their tangent kernel at the start predicts.</summary>
internal sealed partial class LazyTraining(LazyTraining.Scope? scope = null) : Experiment
{
    private static readonly IReadOnlyList<Initialisation> Starts =
    [
        Initialisation.He,
        new(SpectralFamily.Flat, 1 / 8.0, HeldScale.Variance),
        new(SpectralFamily.Flat, 1 / 2.0, HeldScale.Variance),
        new(SpectralFamily.Flat, 1, HeldScale.Variance),
        new(SpectralFamily.PowerLaw, 1 / 8.0, HeldScale.Variance),
        new(SpectralFamily.PowerLaw, 1 / 2.0, HeldScale.Variance),
    ];

    private static readonly Scope QuickScope = new(
        Starts, Widths: [64, 128, 256, 512], Depth: 2, Samples: 32, TestSamples: 64, Share: 0.2, Steps: 96, Seeds: 8);

    private static readonly Scope FullScope = QuickScope with { Widths = [64, 128, 256, 512, 1024], Depth = 3, Seeds = 12 };

    public override string Name => "lazy-training";

    public override string Title => "Training in the lazy regime";

    public override string Source =>
        "P1, On the Impact of Stable Ranks in Deep Nets (arXiv 2110.02333), asks how training evolves in the overparametrized regime; "
        + "theory (5.4). The bound width^{-1/2}: Lee et al. 2019 (arXiv 1902.06720); the order width^{-1}: Dyer and Gur-Ari (arXiv "
        + "1909.11304).";

    public override string Claim =>
        "Wide networks follow the closed form of their tangent kernel at the start; their distance from it, and the drift of the kernel, "
        + "fall at least like width^{-1/2}; the drift is larger at low stable rank; the residual decays at the rates η λ_i / N.";

    public override string Protocol
    {
        get
        {
            var settings = scope ?? QuickScope;
            var depth = scope is null
                ? $"{QuickScope.Depth} hidden layers ({FullScope.Depth} at full size)"
                : $"{scope.Depth} hidden layers";
            return $"ReLU networks of {depth} without biases, in double precision and the standard "
                + $"parameterisation, learn {settings.Samples} digits by full-batch gradient descent on the squared loss: threes against "
                + "eights, and all ten classes. The first layer is He's in all of them, for its lesser side is the 64 pixels at every "
                + "width; the square layers are He's or of a prescribed stable rank r (k the width) at He's variance, so that all have the "
                + "same limit kernel. One learning rate for all of one width, "
                + $"{settings.Share.ToString("0.0#", CultureInfo.InvariantCulture)} of the largest stable one of that limit "
                + "kernel. Each network's outputs are set beside theory (5.4) with its own kernel at the start. Error: the greatest root "
                + "mean square distance on training and test digits along the way, over that of the residual at the start. Decay rates: of "
                + $"the residual along the {LazyRun.Directions} with the greatest shares of it among the {LazyRun.Candidates} leading "
                + "eigen-directions (with ten outputs, ten eigenvectors a direction), over the steps that the prediction takes to 1/e. "
                + "Replicates share random streams across starts and are compared in pairs; means over networks with bootstrap 95 % "
                + "intervals; verdicts use Student's t with 5 % of false alarms over the comparisons of each (Bonferroni).";
        }
    }

    public override ExperimentResult Run(ExperimentContext context)
    {
        var settings = scope ?? context.Choose(QuickScope, FullScope);
        return Judge(Measure(settings, context), settings);
    }

    /// <summary>All starts at all widths.</summary>
    internal static IReadOnlyList<Cell> Measure(Scope settings, ExperimentContext context)
    {
        FewDigits[] tasks =
        [
            FewDigits.TwoClasses(settings.Samples, settings.TestSamples), FewDigits.TenClasses(settings.Samples, settings.TestSamples),
        ];

        // the widest first: what is left at the end is short
        var plans = (from width in settings.Widths.OrderDescending()
                     from task in tasks
                     from start in settings.Starts
                     select (Width: width, Task: task, Start: start, Model: ModelOf(task, start, width, settings.Depth))).ToList();
        var runs = new LazyRun[plans.Count, settings.Seeds];
        var cost = plans.Sum(plan => Math.Pow(plan.Width, 2)) * settings.Seeds;
        var (gate, done) = (new Lock(), 0.0);
        var size = ReplicateSize.Largest(plans.Select(plan => ReplicateSize.Of<double>(plan.Model, plan.Task.Count)));
        ReplicateLoop.Run(runs.Length, size, job =>
        {
            var (i, replicate) = (job / settings.Seeds, job % settings.Seeds);
            runs[i, replicate] = LazyRun.Of(
                plans[i].Task, plans[i].Model, settings.Share, settings.Steps, context.Seed, replicate, context.Cancellation);
            lock (gate)
            {
                done += Math.Pow(plans[i].Width, 2);
                context.Progress.Report(Math.Min(1, done / cost));
            }
        }, cancellationToken: context.Cancellation);
        return
        [
            .. plans.Select((plan, i) => new Cell(
                plan.Task.Name, plan.Start, plan.Width, plan.Model.Layers[^2].Weights.Moments.ParticipationRank,
                [.. Enumerable.Range(0, settings.Seeds).Select(replicate => runs[i, replicate])])).OrderBy(cell => cell.Width),
        ];
    }

    private static Model ModelOf(FewDigits task, Initialisation start, int width, int depth)
    {
        var gain = new Architecture(Activation.ReLU, depth, width).Gain;
        return Model.Dense(
            [task.Inputs.RowCount, .. Enumerable.Repeat(width, depth), task.Outputs],
            Activation.ReLU,
            (layer, rows, columns) => layer > depth ? Ensemble.LeCun(rows, columns)
                : (layer == 1 ? Initialisation.He : start).Of(rows, columns, gain),
            linearOutput: true);
    }

    /// <summary>How much is trained.</summary>
    /// <param name="Starts">How the square layers are drawn.</param>
    /// <param name="Widths">Widths, rising.</param>
    /// <param name="Depth">Hidden layers, at least 2.</param>
    /// <param name="Samples">Digits to train on.</param>
    /// <param name="TestSamples">Digits to test on.</param>
    /// <param name="Share">The learning rate over the largest stable one.</param>
    /// <param name="Steps">Steps.</param>
    /// <param name="Seeds">Networks for each start, width and task.</param>
    internal sealed record Scope(
        IReadOnlyList<Initialisation> Starts, IReadOnlyList<int> Widths, int Depth, int Samples, int TestSamples, double Share, int Steps,
        int Seeds);

    /// <summary>One start at one width on one task.</summary>
    /// <param name="Task">The data's name.</param>
    /// <param name="Start">How the square layers were drawn.</param>
    /// <param name="Width">Of the hidden layers.</param>
    /// <param name="ParticipationRank">p of a square layer.</param>
    /// <param name="Runs">A network each.</param>
    internal sealed record Cell(string Task, Initialisation Start, int Width, double ParticipationRank, IReadOnlyList<LazyRun> Runs);
}
