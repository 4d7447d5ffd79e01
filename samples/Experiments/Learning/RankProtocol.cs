using StableRank.Experiments.Running;
using StableRank.GradientRank;
using StableRank.Replication;
using StableRank.Training;

namespace StableRank.Experiments.Learning;

/// <summary>
/// How networks are trained while the ranks of their gradients are measured: Adam of rate 1e-3 in double precision, over folds and seeds.
/// </summary>
/// <param name="Folds">Folds that are held out in turn, of <see cref="FoldsOfData"/>.</param>
/// <param name="Seeds">Networks a fold.</param>
/// <param name="BatchSize">Samples of a step.</param>
/// <param name="Epochs">Passes over the training part.</param>
/// <param name="Interval">Steps from one measurement to the next.</param>
internal sealed record RankProtocol(int Folds, int Seeds, int BatchSize, int Epochs, int Interval)
{
    /// <summary>Parts that the data are cut into.</summary>
    public const int FoldsOfData = 5;

    /// <summary>The learning rate.</summary>
    public const double Rate = 1e-3;

    /// <summary>For people.</summary>
    public string Description => $"{Folds} of {FoldsOfData} folds x {Seeds} seeds, batches of {BatchSize}";

    /// <summary>Trains every case on every fold from every seed; courses come in that order.</summary>
    /// <exception cref="OperationCanceledException">The context's token was cancelled.</exception>
    public IReadOnlyList<RankCourse> Run(IReadOnlyList<RankCase> cases, ExperimentContext context)
    {
        var courses = new RankCourse[cases.Count * Folds * Seeds];
        var bounds = cases.Select(one => one.Bounds(BatchSize)).ToArray();
        var meter = new WorkMeter(context, courses.Length);
        var size = ReplicateSize.Largest(cases.Select(one => ReplicateSize.Of<double>(one.Model, BatchSize)));
        ReplicateLoop.Run(courses.Length, size, job =>
        {
            var (which, fold, seed) = (job / (Folds * Seeds), job / Seeds % Folds, job % Seeds);
            courses[job] = Train(cases[which], fold, seed, bounds[which], context);
            meter.Done(1);
        }, cancellationToken: context.Cancellation);
        return courses;
    }

    private RankCourse Train(RankCase one, int fold, int seed, GradientRankBounds bounds, ExperimentContext context)
    {
        var (training, heldOut) = one.Data.Fold(fold, FoldsOfData, BatchSize);
        var replicate = (ulong)((fold * Seeds) + seed);
        var hook = new GradientRankHook(Interval);
        var trainer = new Trainer<double>(
            one.Model.Sample<double>(context.Seed, replicate),
            one.Loss,
            new Adam<double>(),
            new TrainingOptions
            {
                Schedule = LearningRateSchedule.Constant(Rate),
                Epochs = Epochs,
                BatchSize = BatchSize,
                Seed = unchecked(context.Seed + ((replicate + 1) * 0x9E3779B97F4A7C15)),   // Weyl's sequence: seeds far apart
                GoodStateInterval = int.MaxValue,
            },
            [hook]);
        var result = trainer.Run(training, heldOut, cancellation: context.Cancellation);
        context.Cancellation.ThrowIfCancellationRequested();
        if (result.Outcome == TrainingOutcome.Diverged)
        {
            throw new InvalidOperationException($"training of {one.Group} at {one.Setting} diverged: {result.Divergence}");
        }

        return new RankCourse(
            one, fold, seed, bounds, hook.Gradients,
            result.StepLosses[0], result.Epochs[^1].TrainingLoss, result.Epochs[^1].ValidationLoss!.Value);
    }
}
