using StableRank.Randomness;

namespace StableRank.Ensembles;

/// <summary>The scale of a Gaussian matrix: ||W||_F^2 is the variance of an entry times a chi-square variable of m n degrees of
/// freedom.</summary>
internal sealed class GaussianNormScale : ScaleConvention
{
    private readonly double _variance;

    internal GaussianNormScale(double variance) => _variance = RequirePositive(variance, nameof(variance));

    /// <inheritdoc/>
    public override string Name => FormattableString.Invariant($"gaussian-norm:{_variance:R}");

    /// <inheritdoc/>
    public override bool IsRandom => true;

    /// <inheritdoc/>
    internal override double SpectralNorm(double stableRank, int rows, int columns) =>
        Math.Sqrt(_variance * rows * columns / stableRank);

    /// <inheritdoc/>
    public override double? EntryVariance(int rows, int columns) => _variance;

    /// <inheritdoc/>
    internal override double DrawFactor(int rows, int columns, RandomStream stream)
    {
        double half = 0.5 * rows * columns;
        return Math.Sqrt(stream.NextGamma(half) / half);
    }

    /// <summary>E (chi^2)^2 = N (N + 2) and E log chi^2 = psi(N/2) + log 2, N = m n.</summary>
    internal override (double Fourth, double Log) FactorMoments(int rows, int columns)
    {
        double freedom = (double)rows * columns;
        return (1 + (2 / freedom), EnsembleMoments.ExpectedLogOfChiSquare(freedom) - Math.Log(freedom));
    }
}
