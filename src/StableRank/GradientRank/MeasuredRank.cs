using System.Globalization;
using StableRank.Spectra;

namespace StableRank.GradientRank;

/// <summary>
/// The singular values of one matrix of a network, how they were computed, how far off they may be, and the ranks they give.
/// </summary>
/// <param name="Layer">The layer, the first being 1.</param>
/// <param name="Parameter">The weight parameter's name in <see cref="Networks.Network{T}.Parameters"/>, such as "0.weight".</param>
/// <param name="Quantity">Which matrix.</param>
/// <param name="Rows">m.</param>
/// <param name="Columns">n.</param>
/// <param name="Spectrum">Its min(m, n) singular values, computed in double whatever the network's precision.</param>
/// <param name="Precision">The network's precision: its eps is that of the rules.</param>
/// <param name="Route">Values, Factors or Gram.</param>
/// <param name="Accuracy">
/// How far each value may be from that of the exact matrix, absolute. With M the longer and N the shorter side: <c>M 2^-52 s_1</c> for a
/// stored matrix; by a Gram matrix <c>sqrt(2^-53 (M ||.||_F^2 + 2 N s_1^2))</c>, since that squared is what an eigenvalue s_i^2 is off by
/// at most. For a gradient the exact matrix is the product Delta A^T of the stored factors of K columns: the bound of
/// <see cref="LinearAlgebra.ProductSingularValues"/> by its factors; otherwise the rounding of the stored product adds
/// <c>K eps/2 ||Delta||_F ||A||_F</c>, eps that of <paramref name="Precision"/>.
/// </param>
public sealed record MeasuredRank(
    int Layer, string Parameter, RankQuantity Quantity, int Rows, int Columns, Spectrum Spectrum, FloatingPrecision Precision,
    RankRoute Route, double Accuracy)
{
    /// <summary>
    /// What no rounding can exceed: min(m, n), and for a gradient also the number of places at which both factors have a column that is not
    /// zero.
    /// </summary>
    public int RankLimit { get; init; } = Math.Min(Rows, Columns);

    /// <summary>Whether all singular values are zero: such a matrix has no stable, participation or effective rank.</summary>
    public bool IsZero => Spectrum.SpectralNorm == 0;

    /// <summary>Theory (1.1); null for the zero matrix.</summary>
    public double? StableRank => IsZero ? null : Spectrum.StableRank;

    /// <summary>Theory (1.2); null for the zero matrix.</summary>
    public double? ParticipationRank => IsZero ? null : Spectrum.ParticipationRank;

    /// <summary>
    /// Theory (1.3); null for the zero matrix, and where the spectrum is a Gram matrix's: noise in place of zeros would count.
    /// </summary>
    public double? EffectiveRank => IsZero || Route == RankRoute.Gram ? null : Spectrum.EffectiveRank;

    /// <summary>The smallest tolerance over s_1 that <see cref="NumericalRank(double)"/> takes: 0 but by a Gram matrix.</summary>
    public double SmallestTolerance =>
        Route == RankRoute.Gram && !IsZero ? RankRouteCost.GramMargin * Accuracy / Spectrum.SpectralNorm : 0;

    /// <summary>How many values exceed the rule's tolerance, theory (1.4), with the eps of <see cref="Precision"/>; 0 for the zero
    /// matrix.</summary>
    /// <param name="rule">The rule.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rule is none.</exception>
    /// <exception cref="InvalidOperationException">A Gram matrix does not resolve it.</exception>
    public int NumericalRank(NumericalRankRule rule = NumericalRankRule.Lapack) => NumericalRank(ToleranceOf(rule));

    /// <summary>How many values exceed <paramref name="relativeTolerance"/> s_1; 0 for the zero matrix.</summary>
    /// <param name="relativeTolerance">Not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or NaN.</exception>
    /// <exception cref="InvalidOperationException">
    /// A Gram matrix does not resolve it: it is below <see cref="SmallestTolerance"/>.
    /// </exception>
    public int NumericalRank(double relativeTolerance)
    {
        RequireResolved(relativeTolerance);
        return Spectrum.NumericalRank(relativeTolerance * Spectrum.SpectralNorm);
    }

    /// <summary>
    /// What the count of the exact matrix's values above a tolerance can be, given <see cref="Accuracy"/>: from those that stand above it
    /// by more to those that do not stand below it by more, no more than <see cref="RankLimit"/>. The tolerance is that of the computed
    /// s_1.
    /// </summary>
    /// <param name="relativeTolerance">Not negative; over s_1.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or NaN.</exception>
    /// <exception cref="InvalidOperationException">A Gram matrix does not resolve it.</exception>
    public (int Least, int Most) NumericalRankRange(double relativeTolerance)
    {
        RequireResolved(relativeTolerance);
        var tolerance = relativeTolerance * Spectrum.SpectralNorm;
        var (above, below) = (tolerance + Accuracy, tolerance - Accuracy);
        var least = Math.Min(Spectrum.NumericalRank(above), RankLimit);
        var most = below >= 0 ? Math.Min(Spectrum.NumericalRank(below), RankLimit) : RankLimit;
        return (least, most);
    }

    /// <summary>The same for a rule.</summary>
    /// <param name="rule">The rule.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rule is none.</exception>
    /// <exception cref="InvalidOperationException">A Gram matrix does not resolve it.</exception>
    public (int Least, int Most) NumericalRankRange(NumericalRankRule rule = NumericalRankRule.Lapack) =>
        NumericalRankRange(ToleranceOf(rule));

    /// <summary>The tolerance of a rule over s_1: eps, or max(m, n) eps.</summary>
    /// <param name="rule">The rule.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rule is none.</exception>
    public double ToleranceOf(NumericalRankRule rule) => Spectrum.RelativeTolerance(Rows, Columns, rule, Precision);

    private void RequireResolved(double relativeTolerance)
    {
        RankRouteCost.RequireTolerance(relativeTolerance, nameof(relativeTolerance));
        if (relativeTolerance < SmallestTolerance)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"The {Quantity} of {Parameter} was measured by a Gram matrix, which resolves relative tolerances from "
                + $"{SmallestTolerance:G3} on; asked for {relativeTolerance:G3}. Measure it by another route."));
        }
    }
}
