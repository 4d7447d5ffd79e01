namespace StableRank.Ensembles;

/// <summary>The Frobenius norm is given: s1 = ||W||_F / sqrt r.</summary>
internal sealed class FrobeniusScale(double frobeniusNorm) : ScaleConvention
{
    private readonly double _frobeniusNorm = RequirePositive(frobeniusNorm, nameof(frobeniusNorm));

    public override string Name => FormattableString.Invariant($"frobenius:{_frobeniusNorm:R}");

    internal override double SpectralNorm(double stableRank, int rows, int columns) => _frobeniusNorm / Math.Sqrt(stableRank);

    public override double? EntryVariance(int rows, int columns) => _frobeniusNorm / rows * _frobeniusNorm / columns;
}
