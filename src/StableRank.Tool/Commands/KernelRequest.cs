namespace StableRank.Tool.Commands;

/// <summary>What the user asked <c>ntk</c> or <c>nngp</c> for; null where nothing was said.</summary>
internal sealed record KernelRequest
{
    /// <summary>ntk and not nngp.</summary>
    public required bool Tangent { get; init; }

    public required bool Limit { get; init; }

    public required string? Model { get; init; }

    public required int[]? Widths { get; init; }

    public required double[]? StableRanks { get; init; }

    public required string? Family { get; init; }

    public required string? Scale { get; init; }

    public required double? Gain { get; init; }

    public required double? WeightVariance { get; init; }

    public required double? BiasVariance { get; init; }

    public required string Activation { get; init; }

    public required string Inputs { get; init; }

    public required string? OtherInputs { get; init; }

    public required string? Parameterization { get; init; }

    public required string? Output { get; init; }

    public required string? Route { get; init; }

    public required bool Cost { get; init; }

    public required string? Dtype { get; init; }

    public required int? BlockSize { get; init; }

    public required string? Out { get; init; }
}
