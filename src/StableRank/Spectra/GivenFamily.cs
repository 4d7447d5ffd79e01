using System.Globalization;
using StableRank.Randomness;

namespace StableRank.Spectra;

/// <summary>
/// The user's own values over the greatest of them, theory section 2. The one stable rank it admits is theirs, as
/// <see cref="Spectrum.StableRank"/> computes it; the two doubles beside that one are taken for it.
/// </summary>
/// <remarks>
/// Nothing but the division is done, so values whose greatest is a power of two come back to the last bit. Otherwise the rounding of the
/// quotients s_i / s_1 moves the sum of squares by 2^-52 of itself, 2 ulps of r, at most.
/// </remarks>
public sealed class GivenFamily : SpectralFamily
{
    private const int UlpsOfSlack = 1;

    internal GivenFamily(Spectrum values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.SpectralNorm == 0)
        {
            throw new ArgumentException(
                $"A given spectrum needs a value above zero to have a stable rank, but all {values.Count} are zero.", nameof(values));
        }

        Values = values;
    }

    /// <summary>The values, as they were given.</summary>
    public Spectrum Values { get; }

    /// <summary>"given".</summary>
    public override string Name => "given";

    /// <summary>The stable rank of the values, at both ends.</summary>
    /// <inheritdoc/>
    public override StableRankRange AdmittedRange(int rows, int columns)
    {
        RequireCount(Values, rows, columns);
        double stableRank = Values.StableRank;
        return new StableRankRange(stableRank, stableRank);
    }

    /// <summary>The name and the values.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"given: {Values}");

    /// <inheritdoc/>
    protected override Spectrum DrawAdmitted(int rows, int columns, double stableRank, RandomStream? stream) => Values.WithSpectralNorm(1);

    private protected override bool Admits(StableRankRange range, double stableRank) =>
        Math.Abs(stableRank - range.Minimum) <= UlpsOfSlack * (Math.BitIncrement(range.Minimum) - range.Minimum);
}
