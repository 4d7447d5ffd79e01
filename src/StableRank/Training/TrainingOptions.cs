namespace StableRank.Training;

/// <summary>What a training run is told beside network, loss, optimiser and data.</summary>
public sealed record TrainingOptions
{
    /// <summary>The learning rate at each step.</summary>
    public required LearningRateSchedule Schedule { get; init; }

    /// <summary>Passes over the training data; at least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int Epochs
    {
        get;
        init => field = (int)Guard.RequireCount(value, nameof(Epochs));
    } = 1;

    /// <summary>
    /// Samples of a step, at least 1; the last step of an epoch takes what is left. More than there are samples: all of them.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int BatchSize
    {
        get;
        init => field = (int)Guard.RequireCount(value, nameof(BatchSize));
    } = 128;

    /// <summary>The seed of the shuffles: the order of the samples in an epoch depends on the seed and the epoch's number only.</summary>
    public ulong Seed { get; init; }

    /// <summary>The largest norm of all gradients together (<see cref="GradientClipping.ByNorm"/>); null for no clipping.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not finite or not above 0.</exception>
    public double? ClipNorm
    {
        get;
        init => field = value is { } norm ? Guard.RequirePositive(norm, nameof(ClipNorm)) : null;
    }

    /// <summary>When to stop for want of progress; null for never.</summary>
    public EarlyStop? EarlyStop { get; init; }

    /// <summary>
    /// Steps from one copy of the whole state, kept in memory in case the run diverges, to the next; at least 1. A state is copied once
    /// its loss and its gradients have been seen to be finite; a run that resumes also begins with a copy.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int GoodStateInterval
    {
        get;
        init => field = (int)Guard.RequireCount(value, nameof(GoodStateInterval));
    } = 20;

    /// <summary>The folder of the checkpoint, made if need be and used by one run at a time; null for no checkpoints.</summary>
    public string? CheckpointFolder { get; init; }

    /// <summary>
    /// Steps from one checkpoint to the next, at least 1; null for one after each epoch. One is also written when the run ends.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int? CheckpointInterval
    {
        get;
        init => field = value is { } steps ? (int)Guard.RequireCount(steps, nameof(CheckpointInterval)) : null;
    }
}
