using System.Globalization;
using StableRank.Ensembles;
using StableRank.Spectra;

namespace StableRank.Experiments.Learning;

/// <summary>How the scale of weights of a given stable rank is fixed.</summary>
internal enum HeldScale
{
    /// <summary>The mean square of an entry is He's c/n, whatever the stable rank: low stable ranks have great spectral norms.</summary>
    Variance,

    /// <summary>
    /// The spectral norm is He's, sqrt(c) (1 + sqrt(m/n)), whatever the stable rank: low stable ranks have small entries.
    /// </summary>
    SpectralNorm,
}

/// <summary>How the hidden layers' weights are drawn.</summary>
/// <param name="Family">The spectra's shape; null for a baseline.</param>
/// <param name="Fraction">r/k, k the lesser side of a matrix; null for a baseline.</param>
/// <param name="Scale">What is held as r varies.</param>
/// <param name="IsOrthogonal">Of a baseline: orthogonal with gain sqrt(c), else Gaussian of variance c/n (He's).</param>
internal sealed record Initialisation(SpectralFamily? Family, double? Fraction, HeldScale Scale, bool IsOrthogonal = false)
{
    /// <summary>Gaussian of variance c/n.</summary>
    public static Initialisation He { get; } = new(null, null, HeldScale.Variance);

    /// <summary>Orthogonal (semi-orthogonal where not square) with gain sqrt(c).</summary>
    public static Initialisation Orthogonal { get; } = new(null, null, HeldScale.Variance, IsOrthogonal: true);

    /// <summary>Whether it is He's or the orthogonal one.</summary>
    public bool IsBaseline => Family is null;

    /// <summary>For people.</summary>
    public string Name => Family is null
        ? IsOrthogonal ? "orthogonal" : "He"
        : $"{Family.Name} r = {FractionName}" + (Scale == HeldScale.SpectralNorm ? ", He's norm" : string.Empty);

    /// <summary>r as a part of k.</summary>
    public string FractionName => Fraction is not { } part ? "-"
        : part >= 1 ? "k" : string.Create(CultureInfo.InvariantCulture, $"k/{1 / part:0.##}");

    /// <summary>The ensemble of an m x n matrix.</summary>
    public Ensemble Of(int rows, int columns, double gain)
    {
        if (Family is null || Fraction is not { } fraction)
        {
            return IsOrthogonal
                ? Ensemble.Orthogonal(rows, columns, Math.Sqrt(gain * Math.Max(1, (double)rows / columns)))
                : Ensemble.Gaussian(rows, columns, gain / columns);
        }

        var scale = Scale == HeldScale.Variance
            ? ScaleConvention.VariancePreserving(gain)
            : ScaleConvention.Spectral(Math.Sqrt(gain) * (1 + Math.Sqrt((double)rows / columns)));
        return Ensemble.StableRank(rows, columns, fraction * Math.Min(rows, columns), Family, scale);
    }

    /// <summary>Whether the family has the stable rank for matrices of the network's shapes.</summary>
    public bool IsAdmitted(int features, int width) =>
        Family is null || Fraction is not { } fraction
        || (Admits(width, features, fraction) && Admits(width, width, fraction));

    private bool Admits(int rows, int columns, double fraction) =>
        Family!.AdmittedRange(rows, columns).Contains(fraction * Math.Min(rows, columns));
}
