using StableRank.Randomness;

namespace StableRank.Spectra;

/// <summary>
/// floor(r) ones, one value sqrt(r - floor(r)), zeros, theory section 2: of all spectra with stable rank r the one of least algebraic rank,
/// ceil(r). Admits every r in [1, k].
/// </summary>
public sealed class FlatFamily : SpectralFamily
{
    internal FlatFamily()
    {
    }

    /// <summary>"flat".</summary>
    public override string Name => "flat";

    /// <inheritdoc/>
    public override StableRankRange AdmittedRange(int rows, int columns) => WholeRange(rows, columns);

    /// <inheritdoc/>
    protected override Spectrum DrawAdmitted(int rows, int columns, double stableRank, RandomStream? stream)
    {
        var values = new double[Math.Min(rows, columns)];
        int ones = (int)stableRank;
        values.AsSpan(0, ones).Fill(1);
        if (ones < values.Length)
        {
            // The fraction f is exact, and f <= 1 - ulp(r) keeps its root below 1. The square of the rounded root errs by at most
            // 2 sqrt(f) 2^-54 < 2^-53: half an ulp of r at most.
            values[ones] = Math.Sqrt(stableRank - ones);
        }

        return Spectrum.FromOrdered(values);
    }
}
