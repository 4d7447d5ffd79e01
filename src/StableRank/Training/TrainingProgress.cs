namespace StableRank.Training;

/// <summary>How far a training run has come; reported after every step.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="TotalSteps">Steps of all epochs.</param>
/// <param name="Epoch">The epoch of the step just done, the first being 1.</param>
/// <param name="Epochs">Epochs asked for.</param>
/// <param name="Loss">The loss of the batch before the step.</param>
/// <param name="LastEpoch">The last epoch that is complete; null before there is one.</param>
public readonly record struct TrainingProgress(long Step, long TotalSteps, int Epoch, int Epochs, double Loss, EpochMetrics? LastEpoch);
