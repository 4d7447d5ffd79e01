namespace StableRank.Networks;

/// <summary>The length of the scratch that an activation keeps on the stack: it stays in the first-level cache.</summary>
internal static class Chunk
{
    public const int Length = 256;
}
