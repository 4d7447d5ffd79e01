using StableRank.Spectra;

namespace StableRank.Experiments.Learning;

/// <summary>A weight's gradient at one step.</summary>
/// <param name="Step">Steps taken before.</param>
/// <param name="Weight">Which weight of the network, the first being 0.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Spectrum">The gradient's singular values.</param>
internal sealed record GradientSpectrum(long Step, int Weight, int Rows, int Columns, Spectrum Spectrum)
{
    /// <summary>The numerical rank by a rule, in double precision.</summary>
    public int Rank(NumericalRankRule rule = NumericalRankRule.Lapack) => Spectrum.NumericalRank(Rows, Columns, rule);
}

/// <summary>One training run.</summary>
/// <param name="Case">What was trained.</param>
/// <param name="Fold">The fold held out.</param>
/// <param name="Seed">The number of the network.</param>
/// <param name="Bounds">The bound on the rank of each weight's gradient.</param>
/// <param name="Gradients">What was measured.</param>
/// <param name="FirstLoss">The loss of the first batch.</param>
/// <param name="LastLoss">The mean loss of the last epoch.</param>
/// <param name="HeldOutLoss">The loss on the fold held out after the last epoch.</param>
internal sealed record RankCourse(
    RankCase Case, int Fold, int Seed, IReadOnlyList<int> Bounds, IReadOnlyList<GradientSpectrum> Gradients,
    double FirstLoss, double LastLoss, double HeldOutLoss);
