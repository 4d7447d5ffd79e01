using StableRank.Randomness;

namespace StableRank.Spectra;

/// <summary>
/// s_i = q^(i-1), theory section 2; q = 1 at r = k, q = 0 at r = 1. Admits every r in [1, k]. Where q^(i-1) is below the least double,
/// about 5e-324, it is stored as zero.
/// </summary>
public sealed class ExponentialFamily : SpectralFamily
{
    internal ExponentialFamily()
    {
    }

    /// <summary>"exponential".</summary>
    public override string Name => "exponential";

    /// <inheritdoc/>
    public override StableRankRange AdmittedRange(int rows, int columns) => WholeRange(rows, columns);

    /// <inheritdoc/>
    protected override Spectrum DrawAdmitted(int rows, int columns, double stableRank, RandomStream? stream)
    {
        var levels = new double[Math.Min(rows, columns)];
        for (int i = 0; i < levels.Length; i++)
        {
            levels[i] = i;
        }

        return Tempering.Solve(levels, stableRank);
    }
}
