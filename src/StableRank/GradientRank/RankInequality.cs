namespace StableRank.GradientRank;

/// <summary>One step of the proof of a bound.</summary>
/// <param name="Statement">The inequality in words and symbols, its value included.</param>
/// <param name="Value">What the rank on its left is at most.</param>
/// <param name="Source">The formula that it is an instance of, for example "theory (6.2)".</param>
public sealed record RankInequality(string Statement, int Value, string Source)
{
    /// <summary>Statement and source.</summary>
    public override string ToString() => $"{Statement}   [{Source}]";
}
