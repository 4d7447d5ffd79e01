using StableRank.GradientRank;

namespace StableRank.Experiments.Learning;

/// <summary>One training run.</summary>
/// <param name="Case">What was trained.</param>
/// <param name="Fold">The fold held out.</param>
/// <param name="Seed">The number of the network.</param>
/// <param name="Proven">The bound on the rank of each weight's gradient, with its proof.</param>
/// <param name="Gradients">What was measured.</param>
/// <param name="FirstLoss">The loss of the first batch.</param>
/// <param name="LastLoss">The mean loss of the last epoch.</param>
/// <param name="HeldOutLoss">The loss on the fold held out after the last epoch.</param>
internal sealed record RankCourse(
    RankCase Case, int Fold, int Seed, GradientRankBounds Proven, IReadOnlyList<WeightGradient> Gradients,
    double FirstLoss, double LastLoss, double HeldOutLoss)
{
    /// <summary>The bounds alone.</summary>
    public IReadOnlyList<int> Bounds { get; init; } = [.. Proven.Select(bound => bound.Bound)];
}
