namespace StableRank.Experiments.Learning;

/// <summary>The ranks of one weight's gradient against the setting, to be drawn.</summary>
/// <param name="Label">For the legend.</param>
/// <param name="Parameter">The weight's name.</param>
/// <param name="Courses">The courses, of all settings.</param>
internal sealed record RankCurve(string Label, string Parameter, IReadOnlyList<RankCourse> Courses)
{
    /// <summary>Which rank; LAPACK's numerical one unless set.</summary>
    public Func<GradientSpectrum, double> Rank { get; init; } = gradient => gradient.Rank();

    /// <summary>Whether its bound is drawn.</summary>
    public bool HasBound { get; init; } = true;
}
