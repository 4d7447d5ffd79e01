using StableRank.Randomness;

namespace StableRank.Spectra;

/// <summary>
/// The tempered family, theory section 2, over the singular values that a Gaussian matrix of the shape has on average: roots of the
/// Marchenko-Pastur law's quantiles at the midpoints (i - 1/2)/k, all above zero. Admits every r in [1, k].
/// </summary>
/// <remarks>
/// At t = 1 the stable rank is near <see cref="GaussianStableRank.Typical"/>, and a little above it, since the greatest midpoint quantile
/// lies inside the edge of the law.
/// </remarks>
public sealed class MarchenkoPasturFamily : SpectralFamily
{
    internal MarchenkoPasturFamily()
    {
    }

    /// <summary>"tempered": the base that the name stands for where none is given.</summary>
    public override string Name => "tempered";

    /// <inheritdoc/>
    public override StableRankRange AdmittedRange(int rows, int columns) => WholeRange(rows, columns);

    /// <summary>The base: min(m, n) singular values of the law in which the entries have variance 1/max(m, n).</summary>
    /// <param name="rows">m, at least 1.</param>
    /// <param name="columns">n, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public static Spectrum Base(int rows, int columns) =>
        Spectrum.FromOrdered(Array.ConvertAll(new MarchenkoPasturLaw(rows, columns).MidpointQuantiles(), Math.Sqrt));

    /// <summary>The name and the base.</summary>
    public override string ToString() => "tempered over Marchenko-Pastur quantiles";

    /// <inheritdoc/>
    protected override Spectrum DrawAdmitted(int rows, int columns, double stableRank, RandomStream? stream) =>
        Tempering.Solve(Tempering.Levels(Base(rows, columns).AsSpan()), stableRank);
}
