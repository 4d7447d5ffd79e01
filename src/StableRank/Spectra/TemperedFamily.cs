using System.Globalization;
using StableRank.Randomness;

namespace StableRank.Spectra;

/// <summary>
/// s_i = (b_i / b_1)^t with t &gt;= 0 for a base spectrum b, theory section 2: a trained layer's own spectrum, say, made flatter (t &lt; 1)
/// or steeper (t &gt; 1). (Tempering the squares b_i^2 instead, as in y_i = (b_i^2 / b_1^2)^t, is the same family with the same t.)
/// </summary>
/// <remarks>
/// Zeros of the base stay zero and values equal to b_1 stay 1, so r is admitted from the multiplicity of b_1 (t to infinity) to the number
/// of nonzero values (t = 0). Values that tempering takes below the least double, about 5e-324, are stored as zero.
/// </remarks>
public sealed class TemperedFamily : SpectralFamily
{
    private readonly double[] _levels;

    internal TemperedFamily(Spectrum baseSpectrum)
    {
        ArgumentNullException.ThrowIfNull(baseSpectrum);
        if (baseSpectrum.SpectralNorm == 0)
        {
            throw new ArgumentException(
                $"The base of a tempered family needs a value above zero, but all {baseSpectrum.Count} are zero.", nameof(baseSpectrum));
        }

        Base = baseSpectrum;
        _levels = Tempering.Levels(baseSpectrum.AsSpan());
    }

    /// <summary>b, as it was given.</summary>
    public Spectrum Base { get; }

    /// <summary>"tempered".</summary>
    public override string Name => "tempered";

    /// <summary>From the multiplicity of the greatest value of the base to the number of its nonzero values.</summary>
    /// <inheritdoc/>
    public override StableRankRange AdmittedRange(int rows, int columns)
    {
        RequireCount(Base, rows, columns);
        return new StableRankRange(Tempering.TopCount(_levels), Tempering.NonzeroCount(_levels));
    }

    /// <summary>The name and the base.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"tempered over {Base}");

    /// <inheritdoc/>
    protected override Spectrum DrawAdmitted(int rows, int columns, double stableRank, RandomStream? stream) =>
        Tempering.Solve(_levels, stableRank);
}
