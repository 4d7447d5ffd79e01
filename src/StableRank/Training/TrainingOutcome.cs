namespace StableRank.Training;

/// <summary>How a training run ended.</summary>
public enum TrainingOutcome
{
    /// <summary>All epochs are done.</summary>
    Completed,

    /// <summary>The loss ceased to improve (<see cref="EarlyStop"/>).</summary>
    StoppedEarly,

    /// <summary>A hook asked for the end (<see cref="TrainingHook{T}.StopRequested"/>).</summary>
    StoppedByHook,

    /// <summary>The caller's token was cancelled; the run can be resumed.</summary>
    Cancelled,

    /// <summary>A loss, a gradient or a weight was NaN or infinite; <see cref="TrainingResult.Divergence"/> says which.</summary>
    Diverged,
}
