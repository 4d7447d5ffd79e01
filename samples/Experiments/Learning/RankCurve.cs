namespace StableRank.Experiments.Learning;

/// <summary>The ranks of one weight's gradient against the setting, to be drawn.</summary>
/// <param name="Label">For the legend.</param>
/// <param name="Weight">Which weight, the first being 0.</param>
/// <param name="Courses">The courses, of all settings.</param>
internal sealed record RankCurve(string Label, int Weight, IReadOnlyList<RankCourse> Courses)
{
    /// <summary>Which rank; LAPACK's numerical one unless set.</summary>
    public Func<WeightGradient, double> Rank { get; init; } = gradient => gradient.Rank();
}
