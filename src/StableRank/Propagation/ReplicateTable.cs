namespace StableRank.Propagation;

/// <summary>
/// The norms that every replicate measured behind every layer, as logarithms of means over the inputs: 36 bytes a replicate and layer.
/// </summary>
internal sealed class ReplicateTable : LayerTable
{
    public ReplicateTable(int replicates, int depth)
        : base(replicates, depth)
    {
        LogSecond = new double[Size];
        LogFourth = new double[Size];
        LogTangent = new double[Size];
        LogSum = new double[Size];
        Alive = new int[Size];
    }

    public double[] LogSecond { get; }

    public double[] LogFourth { get; }

    public double[] LogTangent { get; }

    /// <summary>The sum over the alive inputs of log(||x_l||^2 / ||x_0||^2).</summary>
    public double[] LogSum { get; }

    /// <summary>The number of alive inputs.</summary>
    public int[] Alive { get; }
}
