namespace StableRank.Tool.Commands;

/// <summary>Ctrl-C ended a training run; the message says what is left of it.</summary>
internal sealed class TrainingCancelledException(long steps, string? checkpoint)
    : OperationCanceledException(checkpoint is null
        ? $"stopped after {steps} steps, without a checkpoint"
        : $"stopped after {steps} steps; the same command with --resume continues from {checkpoint}");
