using StableRank.Randomness;

namespace StableRank.Spectra;

/// <summary>
/// The spectrum of a Gaussian matrix of the shape, given its stable rank, theory (3.1): a draw for each matrix by Markov chain
/// (<see cref="GaussianConditionedLaw"/>), whose invariant law is exact. Admits every r in [1, k].
/// </summary>
public sealed class GaussianConditionedFamily : SpectralFamily
{
    private volatile GaussianConditionedLaw? _latest;

    internal GaussianConditionedFamily()
    {
    }

    /// <summary>"gaussian-conditioned".</summary>
    public override string Name => "gaussian-conditioned";

    /// <summary>True: each matrix has a spectrum of its own.</summary>
    public override bool IsRandom => true;

    /// <inheritdoc/>
    public override StableRankRange AdmittedRange(int rows, int columns) => WholeRange(rows, columns);

    /// <summary>Two chains, their draws an eighth of the independent distance apart: a draw of one's own for each would cost too
    /// much.</summary>
    internal override IReadOnlyList<Spectrum> DrawSample(int rows, int columns, double stableRank, int count)
    {
        const int Chains = 2;
        int each = Math.Max(4, (count + Chains - 1) / Chains);
        return [.. Law(rows, columns, stableRank).Sample(each, seed: 0, Chains).Spectra.Take(count)];
    }

    /// <summary>The quantiles of the limit of the law, theory (3.3), beside y_1 = 1: draws are that rigid, and costly.</summary>
    internal override Spectrum Typical(int rows, int columns, double stableRank) => Law(rows, columns, stableRank).Typical();

    /// <inheritdoc/>
    protected override Spectrum DrawAdmitted(int rows, int columns, double stableRank, RandomStream? stream) =>
        Law(rows, columns, stableRank).Draw(stream!);

    private GaussianConditionedLaw Law(int rows, int columns, double stableRank)
    {
        GaussianConditionedLaw? law = _latest;
        if (law is null || law.Rows != rows || law.Columns != columns || law.StableRank != stableRank)
        {
            _latest = law = new GaussianConditionedLaw(rows, columns, stableRank);
        }

        return law;
    }
}
