namespace StableRank.GradientRank;

/// <summary>A bound as arXiv 2402.06751 prints it, beside ours.</summary>
/// <param name="Equation">Its number in that paper, for example "arXiv 2402.06751 eq. 1".</param>
/// <param name="Value">What it says.</param>
/// <param name="IsSound">
/// Whether it follows from ours here, being no smaller. All three printed forms are false in general: where this is false, nothing proves
/// the value, and docs/gradient-rank.md has a network that breaks the form.
/// </param>
/// <param name="Remark">What is wrong with the form.</param>
public sealed record PrintedBound(string Equation, int Value, bool IsSound, string Remark)
{
    /// <summary>One line.</summary>
    public override string ToString() => $"{Equation}: {Value}{(IsSound ? string.Empty : ", unsound")} ({Remark})";
}
