using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Training;

namespace StableRank.Experiments.Learning;

/// <summary>How runs are trained: SGD with momentum 0.9 on softmax cross-entropy, single precision.</summary>
/// <param name="Task">The data.</param>
/// <param name="Epochs">Passes over them.</param>
/// <param name="BatchSize">Samples of a step.</param>
/// <param name="TargetLoss">The loss whose reaching is timed.</param>
internal sealed record LearningRun(LearningTask Task, int Epochs, int BatchSize, double TargetLoss)
{
    /// <summary>The momentum of SGD.</summary>
    public const double Momentum = 0.9;

    /// <summary>Steps of a run.</summary>
    public int Budget => Epochs * (((Task.Training.Count - 1) / BatchSize) + 1);

    /// <summary>Trains one network, on the calling thread alone: the same arguments give the same bits.</summary>
    /// <param name="model">What it is drawn from.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="seed">The experiment's seed.</param>
    /// <param name="replicate">Which network and which order of the batches: the same ones for all models.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <param name="hooks">Makes what takes part, for the network drawn.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public (LearningOutcome Outcome, TrainingResult Result) Train(
        Model model,
        double rate,
        ulong seed,
        int replicate,
        CancellationToken cancellation,
        Func<Network<float>, IEnumerable<TrainingHook<float>>>? hooks = null)
    {
        using var alone = Backend.SingleThreaded();
        var network = model.Sample<float>(seed, (ulong)replicate);
        var options = new TrainingOptions
        {
            Schedule = LearningRateSchedule.Constant(rate),
            Epochs = Epochs,
            BatchSize = BatchSize,
            Seed = unchecked(seed + ((ulong)(replicate + 1) * 0x9E3779B97F4A7C15)),   // Weyl's sequence: seeds far apart
            GoodStateInterval = int.MaxValue,
        };
        var trainer = new Trainer<float>(
            network, Loss.SoftmaxCrossEntropy, new Sgd<float>(Momentum), options, hooks?.Invoke(network) ?? []);
        var result = trainer.Run(Task.Training, Task.Test, cancellation: cancellation);
        cancellation.ThrowIfCancellationRequested();
        var broken = result.Outcome == TrainingOutcome.Diverged;
        var accuracy = result.Epochs.Count > 0 ? result.Epochs[^1].ValidationAccuracy : null;
        return (LearningOutcome.Of(result.StepLosses, TargetLoss, Budget, accuracy, broken), result);
    }
}
