namespace StableRank.Expressivity;

/// <summary>What <see cref="SegmentPartition"/> and <see cref="PlanePartition"/> keep and how far they go.</summary>
public sealed record PartitionOptions
{
    /// <summary>
    /// The most regions; beyond it an <see cref="InvalidOperationException"/> names the layer that went over. A region takes about
    /// 8 (2 n + 3 n_L) bytes on a segment and 8 (3 n + 4 n_L) on a plane, n the greatest width. At least 1; 1,000,000 by default.
    /// </summary>
    public int MaximumRegions
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(MaximumRegions));
            field = value;
        }
    } = 1_000_000;

    /// <summary>Whether the activation patterns are kept: a bit a neuron and region of each layer.</summary>
    public bool KeepPatterns { get; init; }
}
