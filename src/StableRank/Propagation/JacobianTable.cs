namespace StableRank.Propagation;

/// <summary>What every replicate measured of its Jacobians.</summary>
internal sealed class JacobianTable : LayerTable
{
    public JacobianTable(int replicates, int depth)
        : base(replicates, depth)
    {
        LogTrace = new double[Size];
        LogSquaredTrace = new double[Size];
        LogTraceOfSquare = new double[Size];
        InverseSum = new double[Size];
        InverseCount = new int[Size];
    }

    /// <summary>The log of the mean over inputs of tr P.</summary>
    public double[] LogTrace { get; }

    /// <summary>The log of the mean over inputs of (tr P)^2.</summary>
    public double[] LogSquaredTrace { get; }

    /// <summary>The log of the mean over inputs of tr P^2.</summary>
    public double[] LogTraceOfSquare { get; }

    /// <summary>The sum of tr P^2 / (tr P)^2 over the inputs whose P is not 0.</summary>
    public double[] InverseSum { get; }

    /// <summary>The number of such inputs.</summary>
    public int[] InverseCount { get; }
}
