namespace StableRank.Tests.GradientRank;

/// <summary>What the random networks are made of.</summary>
internal enum RankNetworkKind
{
    Dense,
    Convolution,
    Recurrent,
    Mixture,
}
