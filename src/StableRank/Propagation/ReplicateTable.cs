namespace StableRank.Propagation;

/// <summary>
/// What every replicate measured behind every layer, as logarithms of means over the inputs: 36 bytes a replicate and layer. Filled in
/// any order, read in the order of the replicates, so that results do not depend on how the work was spread.
/// </summary>
internal sealed class ReplicateTable
{
    public ReplicateTable(int replicates, int depth)
    {
        var size = checked(replicates * depth);
        Replicates = replicates;
        Depth = depth;
        LogSecond = new double[size];
        LogFourth = new double[size];
        LogTangent = new double[size];
        LogSum = new double[size];
        Alive = new int[size];
    }

    public int Replicates { get; }

    public int Depth { get; }

    public double[] LogSecond { get; }

    public double[] LogFourth { get; }

    public double[] LogTangent { get; }

    /// <summary>The sum over the alive inputs of log(||x_l||^2 / ||x_0||^2).</summary>
    public double[] LogSum { get; }

    /// <summary>The number of alive inputs.</summary>
    public int[] Alive { get; }

    /// <summary>The place of a replicate and a layer (from 0): layers apart, so that a layer's column is contiguous.</summary>
    public int Index(int replicate, int layer) => layer * Replicates + replicate;

    public ReadOnlySpan<T> Column<T>(T[] values, int layer) => values.AsSpan(layer * Replicates, Replicates);
}
