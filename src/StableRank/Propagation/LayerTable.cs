namespace StableRank.Propagation;

/// <summary>
/// Arrays of one number a replicate and layer. Filled in any order, read in the order of the replicates, so that results do not depend on
/// how the work was spread.
/// </summary>
internal abstract class LayerTable
{
    protected LayerTable(int replicates, int depth)
    {
        Replicates = replicates;
        Size = checked(replicates * depth);
    }

    public int Replicates { get; }

    /// <summary>The length of an array.</summary>
    protected int Size { get; }

    /// <summary>The place of a replicate and a layer (from 0): layers apart, so that a layer's column is contiguous.</summary>
    public int Index(int replicate, int layer) => layer * Replicates + replicate;

    public ReadOnlySpan<T> Column<T>(T[] values, int layer) => values.AsSpan(layer * Replicates, Replicates);
}
