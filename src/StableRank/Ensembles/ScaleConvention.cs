using System.Globalization;
using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Ensembles;

/// <summary>
/// How the scale of a random matrix is fixed once its spectrum's shape is, theory (2.3): by its spectral norm, by its Frobenius norm, or so
/// that a layer preserves the variance of what passes through it.
/// </summary>
public abstract class ScaleConvention
{
    private const string Known = "spectral:S, frobenius:F, relu, leaky-relu:A, linear, variance-preserving:C";

    private protected ScaleConvention()
    {
    }

    /// <summary>The convention as <see cref="Parse"/> reads it.</summary>
    public abstract string Name { get; }

    /// <summary>Variance-preserving with c = 2: He's variance on average.</summary>
    public static ScaleConvention ReLU { get; } = new VariancePreservingScale("relu", 2);

    /// <summary>Variance-preserving with c = 1: Xavier's (LeCun's) variance 1/n on average.</summary>
    public static ScaleConvention Linear { get; } = new VariancePreservingScale("linear", 1);

    /// <summary>The spectral norm is the given one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The norm is not positive and finite.</exception>
    public static ScaleConvention Spectral(double spectralNorm) => new SpectralScale(spectralNorm);

    /// <summary>The Frobenius norm is the given one (of a Gaussian ensemble: its root mean square).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The norm is not positive and finite.</exception>
    public static ScaleConvention Frobenius(double frobeniusNorm) => new FrobeniusScale(frobeniusNorm);

    /// <summary>s1^2 = c m / r, so that the mean square of an entry is c / n.</summary>
    /// <exception cref="ArgumentOutOfRangeException">c is not positive and finite.</exception>
    public static ScaleConvention VariancePreserving(double c) =>
        new VariancePreservingScale(FormattableString.Invariant($"variance-preserving:{c:R}"), c);

    /// <summary>Variance-preserving with c = 2/(1 + a^2), for leaky ReLU of slope a on negative arguments.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The slope is not finite.</exception>
    public static ScaleConvention LeakyReLU(double slope)
    {
        if (!double.IsFinite(slope))
        {
            throw new ArgumentOutOfRangeException(nameof(slope), slope, "The slope of a leaky ReLU must be finite.");
        }

        return new VariancePreservingScale(FormattableString.Invariant($"leaky-relu:{slope:R}"), 2 / (1 + (slope * slope)));
    }

    /// <summary>Reads spectral:S, frobenius:F, relu, leaky-relu:A, linear, variance-preserving:C (invariant culture).</summary>
    /// <exception cref="FormatException">The text is none of these; the message lists them.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of its range.</exception>
    public static ScaleConvention Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(':');
        return (parts[0], parts.Length) switch
        {
            ("relu", 1) => ReLU,
            ("linear", 1) => Linear,
            ("spectral", 2) => Spectral(Number(parts[1], text)),
            ("frobenius", 2) => Frobenius(Number(parts[1], text)),
            ("leaky-relu", 2) => LeakyReLU(Number(parts[1], text)),
            ("variance-preserving", 2) => VariancePreserving(Number(parts[1], text)),
            _ => throw new FormatException($"There is no scale convention '{text}'; expected one of {Known}."),
        };
    }

    /// <summary>Whether the scale is drawn anew for each matrix.</summary>
    public virtual bool IsRandom => false;

    /// <summary>
    /// The Frobenius norm is that of m x n independent Gaussian entries: its square is the variance times a chi-square variable of m n
    /// degrees of freedom, drawn for each matrix. It is independent of the matrix's direction, and so of its stable rank.
    /// </summary>
    /// <param name="variance">The variance of an entry.</param>
    /// <exception cref="ArgumentOutOfRangeException">The variance is not positive and finite.</exception>
    public static ScaleConvention GaussianNorm(double variance) => new GaussianNormScale(variance);

    /// <summary>The s1 that this convention gives to a spectrum; where it is random, at the root mean square Frobenius norm.</summary>
    /// <param name="unit">The spectrum at spectral norm 1.</param>
    /// <param name="rows">m, the fan-out.</param>
    /// <param name="columns">n, the fan-in.</param>
    public double SpectralNorm(Spectrum unit, int rows, int columns)
    {
        ArgumentNullException.ThrowIfNull(unit);
        return SpectralNorm(unit.StableRank, rows, columns);
    }

    /// <summary>
    /// The mean square of an entry, E||W||_F^2 / (m n), where the convention fixes it for every spectrum; null where not (spectral).
    /// </summary>
    /// <param name="rows">m, the fan-out.</param>
    /// <param name="columns">n, the fan-in.</param>
    public abstract double? EntryVariance(int rows, int columns);

    /// <inheritdoc cref="Name"/>
    public override string ToString() => Name;

    /// <summary>The s1 that this convention gives to every spectrum of stable rank r.</summary>
    internal abstract double SpectralNorm(double stableRank, int rows, int columns);

    /// <summary>The factor on s1 of one matrix: 1 unless the scale is random, and then of mean square 1.</summary>
    internal virtual double DrawFactor(int rows, int columns, RandomStream stream) => 1;

    /// <summary>E f^4 and E log f^2 of that factor f.</summary>
    internal virtual (double Fourth, double Log) FactorMoments(int rows, int columns) => (1, 0);

    private protected static double RequirePositive(double value, string name)
    {
        if (!double.IsFinite(value) || value <= 0)
        {
            throw new ArgumentOutOfRangeException(name, value, $"The scale {name} must be positive and finite.");
        }

        return value;
    }

    private static double Number(string text, string whole) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            ? number
            : throw new FormatException($"'{text}' in the scale convention '{whole}' is not a number; expected one of {Known}.");
}
