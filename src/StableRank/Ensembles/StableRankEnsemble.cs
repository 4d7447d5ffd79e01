using System.Numerics;
using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Ensembles;

/// <summary>
/// W = s1 U diag(sqrt y) V^T, theory (2.1): U Haar on O(m), V Haar on O(n), independent, and a spectrum whose stable rank is prescribed.
/// Sampled by Stewart's route: Householder vectors straight from Gaussians of shrinking length and a diagonal of random signs.
/// </summary>
public sealed class StableRankEnsemble : Ensemble
{
    /// <summary>Draws of a random spectrum behind its moments.</summary>
    private const int MomentDraws = 256;

    private readonly Lazy<EnsembleMoments> _moments;
    private readonly Spectrum? _unit;      // spectral norm 1; null for a family that draws

    internal StableRankEnsemble(int rows, int columns, double stableRank, SpectralFamily family, ScaleConvention scale)
        : base(rows, columns)
    {
        StableRank = stableRank;
        Family = family;
        Scale = scale;

        // What the family does not admit is an error here, not at the first sample.
        family.RequireAdmitted(rows, columns, stableRank);
        if (!family.IsRandom)
        {
            Spectrum unit = family.Draw(rows, columns, stableRank);
            Spectrum typical = AtScale(unit);
            (_unit, Spectrum) = (unit, scale.IsRandom ? null : typical);
        }

        _moments = new(ComputeMoments);
    }

    internal StableRankEnsemble(int rows, int columns, Spectrum spectrum)
        : base(rows, columns)
    {
        ArgumentNullException.ThrowIfNull(spectrum);
        int k = Math.Min(rows, columns);
        if (spectrum.Count > k)
        {
            throw new ArgumentException(
                $"The spectrum has {spectrum.Count} values; expected at most min(m, n) = {k} for {rows} x {columns}.", nameof(spectrum));
        }

        if (spectrum.SpectralNorm == 0)
        {
            throw new ArgumentException("All singular values are zero: the zero matrix has no stable rank.", nameof(spectrum));
        }

        if (spectrum.Count < k)
        {
            spectrum = Spectrum.FromSingularValues(spectrum.Concat(Enumerable.Repeat(0.0, k - spectrum.Count)));
        }

        StableRank = spectrum.StableRank;
        Family = SpectralFamily.Given(spectrum);
        Scale = ScaleConvention.Spectral(spectrum.SpectralNorm);
        Spectrum = spectrum;
        _unit = spectrum.WithSpectralNorm(1);
        _moments = new(ComputeMoments);
    }

    /// <summary>The prescribed stable rank r = ||W||_F^2 / ||W||_2^2, theory (1.1).</summary>
    public new double StableRank { get; }

    /// <summary>The family of spectra.</summary>
    public SpectralFamily Family { get; }

    /// <summary>What fixes the scale.</summary>
    public ScaleConvention Scale { get; }

    /// <summary>The singular values, scale included, that all samples share; null where the family or the scale draws them anew for
    /// each.</summary>
    public Spectrum? Spectrum { get; }

    /// <inheritdoc/>
    public override string Name => "stable-rank";

    /// <summary>
    /// Theory (4.1), (4.2), (4.3) and (2.4). Exact for a fixed spectrum. Where the family draws a spectrum for each matrix, the second
    /// moment and the gain still are, since they depend on the stable rank alone; the others are averages over 256 draws of the spectrum
    /// from a fixed stream, with their standard errors. Computed when first asked for.
    /// </summary>
    public override EnsembleMoments Moments => _moments.Value;

    /// <summary>
    /// s1^2 r / m, theory (2.4): all draws of a random spectrum have the prescribed stable rank, and every scale goes by that.
    /// </summary>
    internal override double Gain
    {
        get
        {
            double r = _unit?.StableRank ?? StableRank;
            double norm = Scale.SpectralNorm(r, Rows, Columns);
            return norm * norm * r / Rows;
        }
    }

    /// <summary>
    /// The same matrix that <see cref="Ensemble.Sample{T}(RandomStream)"/> would draw from the stream, as reflectors and singular values:
    /// q (m + n) numbers, q being the singular values above zero, and no m x n product.
    /// </summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <param name="stream">Where the random numbers come from.</param>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is neither double nor float.</exception>
    /// <exception cref="OverflowException">The scale exceeds the range of <typeparamref name="T"/>, or the factors an array.</exception>
    public ImplicitMatrix<T> SampleImplicit<T>(RandomStream stream)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(stream);
        RequirePrecision<T>();
        Spectrum spectrum = Spectrum ?? DrawSpectrum(stream);
        int q = SingularFactors.Rank(spectrum);
        T[] signed = new T[q];
        T[] u = new T[checked(Rows * q)];
        T[] v = new T[checked(Columns * q)];
        T[] tauU = new T[q];
        T[] tauV = new T[q];
        SingularFactors.DrawSigned<T>(spectrum, signed, stream);
        HaarReflectors.Draw<T>(Rows, q, u, tauU, stream);
        HaarReflectors.Draw<T>(Columns, q, v, tauV, stream);
        return new ImplicitMatrix<T>(Rows, Columns, u, tauU, signed, v, tauV);
    }

    /// <summary>The spectrum that stands for all: the common one, or of a random family <see cref="SpectralFamily.Typical"/>.</summary>
    internal Spectrum Typical() => AtScale(_unit ?? Family.Typical(Rows, Columns, StableRank));

    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"{Name} {Rows} x {Columns}, r = {StableRank:R}, {Family.Name}, {Scale.Name}");

    /// <inheritdoc/>
    protected override void Fill<T>(Span<T> columnMajor, RandomStream stream) =>
        SingularFactors.Sample(Rows, Columns, Spectrum ?? DrawSpectrum(stream), columnMajor, stream);

    private Spectrum DrawSpectrum(RandomStream stream)
    {
        Spectrum typical = AtScale(_unit ?? Family.Draw(Rows, Columns, StableRank, stream));
        return Scale.IsRandom ? typical.Scaled(Scale.DrawFactor(Rows, Columns, stream)) : typical;
    }

    private Spectrum AtScale(Spectrum unit) => unit.WithSpectralNorm(Scale.SpectralNorm(unit, Rows, Columns));

    private EnsembleMoments ComputeMoments()
    {
        EnsembleMoments moments = _unit is not null
            ? EnsembleMoments.Of(Spectrum ?? AtScale(_unit), Rows, Columns)
            : EnsembleMoments.OverDraws(
                [.. Family.DrawSample(Rows, Columns, StableRank, MomentDraws).Select(AtScale)], Rows, Columns);
        (double fourth, double log) = Scale.FactorMoments(Rows, Columns);
        return moments.Scaled(fourth, log);
    }
}
