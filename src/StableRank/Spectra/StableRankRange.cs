using System.Globalization;

namespace StableRank.Spectra;

/// <summary>A closed interval of stable ranks, both ends included.</summary>
/// <param name="Minimum">The least stable rank of the interval.</param>
/// <param name="Maximum">The greatest stable rank of the interval.</param>
public readonly record struct StableRankRange(double Minimum, double Maximum)
{
    /// <summary>Whether <paramref name="stableRank"/> lies in the interval; false for NaN.</summary>
    public bool Contains(double stableRank) => stableRank >= Minimum && stableRank <= Maximum;

    /// <summary>The interval as <c>[1, 64]</c>, with every digit that it takes to read the ends back.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"[{Minimum:R}, {Maximum:R}]");
}
