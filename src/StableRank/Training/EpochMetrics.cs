namespace StableRank.Training;

/// <summary>What an epoch came to.</summary>
/// <param name="Epoch">Its number, the first being 1.</param>
/// <param name="Steps">Steps taken since the start of the run.</param>
/// <param name="TrainingLoss">The mean loss over the samples, each as it was met: before the step that it contributed to.</param>
/// <param name="TrainingAccuracy">
/// The share of samples whose largest output was their label's, as they were met; null without labels.
/// </param>
/// <param name="ValidationLoss">The mean loss over the validation data after the epoch; null without such data.</param>
/// <param name="ValidationAccuracy">The share of validation samples whose largest output is their label's; null without labels.</param>
public sealed record EpochMetrics(
    int Epoch, long Steps, double TrainingLoss, double? TrainingAccuracy, double? ValidationLoss, double? ValidationAccuracy);
