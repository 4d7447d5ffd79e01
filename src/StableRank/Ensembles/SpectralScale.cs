namespace StableRank.Ensembles;

/// <summary>The spectral norm is given.</summary>
internal sealed class SpectralScale(double spectralNorm) : ScaleConvention
{
    private readonly double _spectralNorm = RequirePositive(spectralNorm, nameof(spectralNorm));

    public override string Name => FormattableString.Invariant($"spectral:{_spectralNorm:R}");

    internal override double SpectralNorm(double stableRank, int rows, int columns) => _spectralNorm;

    public override double? EntryVariance(int rows, int columns) => null;
}
