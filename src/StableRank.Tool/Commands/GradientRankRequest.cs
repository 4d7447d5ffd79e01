namespace StableRank.Tool.Commands;

/// <summary>What the user asked <c>gradient-rank</c> for; null where a default depends on the rest.</summary>
internal sealed record GradientRankRequest
{
    /// <summary>What <c>--data-rank</c> and <c>--weight-rank</c> take in place of numbers.</summary>
    public const string Measured = "measured";

    public required string? Arch { get; init; }

    public required int[]? Widths { get; init; }

    public required string? Activation { get; init; }

    public required bool Bias { get; init; }

    public required int? Steps { get; init; }

    public required int? Truncation { get; init; }

    public required int? Batch { get; init; }

    public required string? DataRank { get; init; }

    public required int? StepDataRank { get; init; }

    public required string? WeightRanks { get; init; }

    public required string? Loss { get; init; }

    public required int? LossRank { get; init; }

    public required int? LossSteps { get; init; }

    public required string? Model { get; init; }

    public required string? Inputs { get; init; }

    public required string? Targets { get; init; }

    public required string? Dtype { get; init; }
}
