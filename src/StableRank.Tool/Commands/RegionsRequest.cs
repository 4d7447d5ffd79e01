namespace StableRank.Tool.Commands;

/// <summary>What the user asked <c>regions</c> for; null where nothing was said.</summary>
internal sealed record RegionsRequest(
    string Model, string Activation, string? From, string? To, string? Plane, string? Domain, int MaximumRegions, string? Out);
