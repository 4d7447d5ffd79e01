namespace StableRank.Propagation;

/// <summary>What every replicate measured of pairs behind every layer.</summary>
internal sealed class PairTable : LayerTable
{
    public PairTable(int replicates, int depth)
        : base(replicates, depth)
    {
        LogLengthA = new double[Size];
        LogLengthB = new double[Size];
        CosineSum = new double[Size];
        CosineCount = new int[Size];
        SlopeSum = new double[Size];
        SlopeCount = new int[Size];
    }

    /// <summary>The log of the mean over pairs of ||h||^2 / n_l of the first input.</summary>
    public double[] LogLengthA { get; }

    /// <summary>The same of the second input.</summary>
    public double[] LogLengthB { get; }

    /// <summary>The sum of the cosines over the pairs without a zero.</summary>
    public double[] CosineSum { get; }

    /// <summary>The number of such pairs.</summary>
    public int[] CosineCount { get; }

    /// <summary>The sum over inputs of (||v_l||^2 / n_l) / (||v_(l-1)||^2 / n_(l-1)), over the tangents that were not 0 before.</summary>
    public double[] SlopeSum { get; }

    /// <summary>The number of such inputs.</summary>
    public int[] SlopeCount { get; }
}
