namespace StableRank.Networks;

/// <summary>The kinds of layers, of networks and of models alike.</summary>
internal enum LayerKind
{
    Dense,
    Convolution,
    Elman,
    Pooled,
}
