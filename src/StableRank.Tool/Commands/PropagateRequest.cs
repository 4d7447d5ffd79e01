namespace StableRank.Tool.Commands;

/// <summary>What the user asked <c>propagate</c> for; null where a default depends on the rest.</summary>
internal sealed record PropagateRequest(
    int[] Widths, string Activation, double[] StableRanks, string Family, string? Scale, int Samples, ulong Seed, string? Inputs,
    int? InputCount);
