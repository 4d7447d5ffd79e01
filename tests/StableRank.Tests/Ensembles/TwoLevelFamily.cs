using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Tests.Ensembles;

/// <summary>A random family for the tests: y = (1, (r-1) u, (r-1)(1-u), 0, ...) with u uniform, k at least 3, r at most 2.</summary>
internal sealed class TwoLevelFamily : SpectralFamily
{
    public override string Name => "two-level";

    public override bool IsRandom => true;

    /// <summary>How many spectra were drawn so far, on one thread.</summary>
    public int Draws { get; private set; }

    public override StableRankRange AdmittedRange(int rows, int columns) => new(1, 2);

    protected override Spectrum DrawAdmitted(int rows, int columns, double stableRank, RandomStream? stream)
    {
        Draws++;
        double u = stream!.NextDouble();
        double high = Math.Sqrt((stableRank - 1) * Math.Max(u, 1 - u));
        double low = Math.Sqrt((stableRank - 1) * Math.Min(u, 1 - u));
        return Spectrum.FromSingularValues([1, high, low, .. Enumerable.Repeat(0.0, Math.Min(rows, columns) - 3)]);
    }
}
