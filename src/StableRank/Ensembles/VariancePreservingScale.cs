namespace StableRank.Ensembles;

/// <summary>s1^2 = c m / r: a layer whose activation halves (ReLU) or keeps (linear) the mean square keeps it on the whole.</summary>
internal sealed class VariancePreservingScale(string name, double c) : ScaleConvention
{
    private readonly double _c = RequirePositive(c, nameof(c));

    public override string Name => name;

    internal override double SpectralNorm(double stableRank, int rows, int columns) => Math.Sqrt(_c * rows / stableRank);

    public override double? EntryVariance(int rows, int columns) => _c / columns;
}
