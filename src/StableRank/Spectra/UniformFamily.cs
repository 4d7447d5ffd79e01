using StableRank.Randomness;

namespace StableRank.Spectra;

/// <summary>
/// (y_2, ..., y_k) uniform on the slice { [0, 1]^(k-1), sum = r - 1 }, y_i = s_i^2 the normalised squares, theory section 2: every spectrum
/// of stable rank r is as likely as any other in the squares. A draw for each matrix, exact. Admits every r in [1, k].
/// </summary>
/// <remarks>
/// The decomposition of the slice into cones (Stafford, randfixedsum) with its table as ratios, which neither overflow nor lose digits.
/// The table of one (k, r), k^2/4 numbers at most, is built at the first draw, in some 30 ms at k = 4096, and kept for the next ones.
/// </remarks>
public sealed class UniformFamily : SpectralFamily
{
    private volatile UniformSlice? _latest;

    internal UniformFamily()
    {
    }

    /// <summary>"uniform".</summary>
    public override string Name => "uniform";

    /// <summary>True: each matrix has a spectrum of its own.</summary>
    public override bool IsRandom => true;

    /// <inheritdoc/>
    public override StableRankRange AdmittedRange(int rows, int columns) => WholeRange(rows, columns);

    /// <inheritdoc/>
    protected override Spectrum DrawAdmitted(int rows, int columns, double stableRank, RandomStream? stream)
    {
        int others = Math.Min(rows, columns) - 1;
        if (others == 0)
        {
            return RandomSquares.ToSpectrum([], stableRank);
        }

        UniformSlice? slice = _latest;
        if (slice is null || slice.Count != others || slice.Sum != stableRank - 1)
        {
            _latest = slice = new UniformSlice(others, stableRank - 1);
        }

        double[] squares = new double[others];
        slice.Draw(squares, stream!);
        return RandomSquares.ToSpectrum(squares, stableRank);
    }
}
