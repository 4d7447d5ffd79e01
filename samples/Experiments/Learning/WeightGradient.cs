using StableRank.GradientRank;
using StableRank.Spectra;

namespace StableRank.Experiments.Learning;

/// <summary>A weight's gradient at one step.</summary>
/// <param name="Step">Steps taken before.</param>
/// <param name="Weight">Which weight of the network, the first being 0.</param>
/// <param name="Measured">Its singular values and ranks.</param>
internal sealed record WeightGradient(long Step, int Weight, MeasuredRank Measured)
{
    /// <summary>The numerical rank by a rule, in double precision.</summary>
    public int Rank(NumericalRankRule rule = NumericalRankRule.Lapack) => Measured.NumericalRank(rule);
}
