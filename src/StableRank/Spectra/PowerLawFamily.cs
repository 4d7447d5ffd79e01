using StableRank.Randomness;

namespace StableRank.Spectra;

/// <summary>s_i = i^-a, theory section 2; a = 0 at r = k, a to infinity at r = 1. Admits every r in [1, k].</summary>
public sealed class PowerLawFamily : SpectralFamily
{
    internal PowerLawFamily()
    {
    }

    /// <summary>"power-law".</summary>
    public override string Name => "power-law";

    /// <inheritdoc/>
    public override StableRankRange AdmittedRange(int rows, int columns) => WholeRange(rows, columns);

    /// <inheritdoc/>
    protected override Spectrum DrawAdmitted(int rows, int columns, double stableRank, RandomStream? stream)
    {
        var levels = new double[Math.Min(rows, columns)];
        for (int i = 0; i < levels.Length; i++)
        {
            levels[i] = Math.Log(i + 1);
        }

        return Tempering.Solve(levels, stableRank);
    }
}
