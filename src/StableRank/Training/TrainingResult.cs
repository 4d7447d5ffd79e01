namespace StableRank.Training;

/// <summary>What a training run came to; the trained weights are in the network.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Steps">Steps that the state of the network has behind it.</param>
/// <param name="StepLosses">
/// The loss of each step's batch, before the step, from the first step on, those before a resumption included.
/// </param>
/// <param name="Epochs">The metrics of the complete epochs, first epoch first.</param>
/// <param name="Divergence">Where the run diverged; null unless it did.</param>
/// <param name="Warnings">What the caller should know, such as a checkpoint of another backend; empty as a rule.</param>
public sealed record TrainingResult(
    TrainingOutcome Outcome,
    long Steps,
    IReadOnlyList<double> StepLosses,
    IReadOnlyList<EpochMetrics> Epochs,
    Divergence? Divergence,
    IReadOnlyList<string> Warnings);
