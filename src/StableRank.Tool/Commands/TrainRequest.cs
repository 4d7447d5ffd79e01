namespace StableRank.Tool.Commands;

/// <summary>What the user asked <c>train</c> for; null where a default depends on the rest.</summary>
internal sealed record TrainRequest
{
    public required string Data { get; init; }

    public required int[] Widths { get; init; }

    public required string Activation { get; init; }

    public required double[]? StableRanks { get; init; }

    public required string? Family { get; init; }

    public required string? Scale { get; init; }

    public required string? Hold { get; init; }

    public required bool Bias { get; init; }

    public required string Optimizer { get; init; }

    public required double? LearningRate { get; init; }

    public required double? Momentum { get; init; }

    public required string Schedule { get; init; }

    public required int? Batch { get; init; }

    public required int Epochs { get; init; }

    public required ulong Seed { get; init; }

    public required string Dtype { get; init; }

    public required string? Checkpoint { get; init; }

    public required bool Resume { get; init; }

    public required string? Out { get; init; }
}
