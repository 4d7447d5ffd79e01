using StableRank.Experiments.Learning;
using StableRank.Experiments.Running;
using StableRank.Networks;
using StableRank.Replication;
using StableRank.Spectra;
using StableRank.Training;

namespace StableRank.Experiments.Studies;

/// <summary>How the stable ranks of weights move in training, free and held, from different starts.</summary>
internal sealed partial class RankDynamics(RankDynamics.Scope? scope = null) : Experiment
{
    private static readonly IReadOnlyList<Initialisation> Starts =
    [
        Initialisation.He,
        new(SpectralFamily.Flat, 1 / 8.0, HeldScale.Variance),
        new(SpectralFamily.Flat, 1 / 2.0, HeldScale.Variance),
        new(SpectralFamily.PowerLaw, 1 / 8.0, HeldScale.Variance),
        new(SpectralFamily.Spike, 1 / 4.0, HeldScale.Variance),
    ];

    private static readonly Scope QuickScope = new(
        new Architecture(Activation.ReLU, 4, 64), Starts, Epochs: 8, BatchSize: 64, TrainingSamples: 1408, TargetLoss: 0.3, Rate: 0.03,
        Interval: 8, Seeds: 5);

    private static readonly Scope FullScope = QuickScope with { Epochs = 40, Interval = 20, Seeds = 12 };

    public override string Name => "rank-dynamics";

    public override string Title => "Stable ranks in training, free and held";

    public override string Source =>
        "P1, On the Impact of Stable Ranks in Deep Nets (arXiv 2110.02333), initialises stable ranks; what training then does to them is "
        + "asked here. Held by the nearest matrix of that stable rank, theory (8.1) and (8.2).";

    public override string Claim =>
        "Free training moves the stable ranks of weights away from their start, downwards; the constraint of theory (8.1) after every step "
        + "holds them exactly, and training goes on under it.";

    public override string Protocol =>
        "Dense ReLU networks without biases learn the shipped digits by SGD of momentum 0.9, in single precision, from several starts at "
        + "He's variance. Each network is trained twice from the same weights on the same batches: free, and with every hidden layer "
        + "brought back after every step to the stable rank that it started with, at the nearest such matrix. Stable ranks are measured "
        + "in double along the way. Verdicts use Student's t over networks with 5 % of false alarms over the comparisons of each "
        + "(Bonferroni); intervals are bootstrap 95 %.";

    public override ExperimentResult Run(ExperimentContext context) =>
        Judge(Measure(scope ?? context.Choose(QuickScope, FullScope), context));

    /// <summary>All starts, free and held.</summary>
    internal static IReadOnlyList<Course> Measure(Scope settings, ExperimentContext context)
    {
        var run = new LearningRun(
            LearningTask.Digits(settings.TrainingSamples), settings.Epochs, settings.BatchSize, settings.TargetLoss);
        var models = settings.Starts.Select(start => settings.Architecture.Model(run.Task.Features, start)).ToArray();
        var runs = new Course[models.Length * 2 * settings.Seeds];
        var done = 0;
        var size = ReplicateSize.Largest(models.Select(model => ReplicateSize.Of<float>(model, run.BatchSize)));
        ReplicateLoop.Run(runs.Length, size, job =>
        {
            var (start, held, replicate) = (job / (2 * settings.Seeds), job / settings.Seeds % 2 == 1, job % settings.Seeds);
            HoldingHook? holding = null;
            RankHook? ranks = null;
            var (outcome, result) = run.Train(
                models[start], settings.Rate, context.Seed, replicate, context.Cancellation,
                network =>
                {
                    var hidden = network.Parameters.Where(parameter => parameter.IsWeight).SkipLast(1).ToList();
                    holding = held ? new HoldingHook(hidden) : null;
                    ranks = new RankHook(hidden, settings.Interval);
                    return holding is null ? [ranks] : [holding, ranks];
                });
            runs[job] = new Course(
                settings.Starts[start].Name, held, holding?.Accuracy ?? 0, outcome, result.StepLosses, ranks!.Steps, ranks.Ranks);
            context.Progress.Report((double)Interlocked.Increment(ref done) / runs.Length);
        }, cancellationToken: context.Cancellation);
        return runs;
    }

    /// <summary>How much is trained.</summary>
    /// <param name="Architecture">The network.</param>
    /// <param name="Starts">How weights are drawn.</param>
    /// <param name="Epochs">Passes over the digits.</param>
    /// <param name="BatchSize">Samples of a step.</param>
    /// <param name="TrainingSamples">Digits to train on; the other ones test.</param>
    /// <param name="TargetLoss">The loss whose reaching is timed.</param>
    /// <param name="Rate">The learning rate.</param>
    /// <param name="Interval">Steps from one measurement to the next.</param>
    /// <param name="Seeds">Networks for each start.</param>
    internal sealed record Scope(
        Architecture Architecture, IReadOnlyList<Initialisation> Starts, int Epochs, int BatchSize, int TrainingSamples, double TargetLoss,
        double Rate, int Interval, int Seeds);

    /// <summary>One run.</summary>
    /// <param name="Start">The start's name.</param>
    /// <param name="IsHeld">Whether its stable ranks were held.</param>
    /// <param name="Accuracy">The relative error that the constraint allows.</param>
    /// <param name="Outcome">What it came to.</param>
    /// <param name="Losses">The loss of each step's batch.</param>
    /// <param name="Steps">The steps at which ranks were measured.</param>
    /// <param name="Ranks">Stable ranks at each, a hidden layer each.</param>
    internal sealed record Course(
        string Start, bool IsHeld, double Accuracy, LearningOutcome Outcome, IReadOnlyList<double> Losses, IReadOnlyList<long> Steps,
        IReadOnlyList<double[]> Ranks)
    {
        /// <summary>Mean over the layers of log(r/r at the start), at measurement i.</summary>
        public double Drift(int i) => Ranks[i].Zip(Ranks[0], (now, then) => Math.Log(now / then)).Average();

        /// <summary>The greatest |r / r at the start - 1| of all layers and measurements.</summary>
        public double GreatestError => Ranks.Max(ranks => ranks.Zip(Ranks[0], (now, then) => Math.Abs((now / then) - 1)).Max());
    }
}
