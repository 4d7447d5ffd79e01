using System.Globalization;
using System.Numerics;
using StableRank.Networks;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;
using StableRank.Training;

namespace StableRank.Tool.Commands;

/// <summary>What <c>--hold-stable-rank</c> says: how the stable ranks of the weights are held while the network trains.</summary>
/// <param name="Text">As the user wrote it.</param>
/// <param name="Kind">Exact, at most, or penalty.</param>
/// <param name="Weight">L of the penalty, finite and at least 0; 0 for the others.</param>
internal sealed record TrainHold(string Text, StableRankRuleKind Kind, double Weight)
{
    public const string ExactName = "exact";
    public const string AtMostName = "at-most";
    public const string PenaltyName = "penalty";
    public const string Expected = $"{ExactName}, {AtMostName} or {PenaltyName}:L";

    /// <param name="text">The option's value; null where it was not given.</param>
    /// <param name="hasStableRank">Whether there is a <c>--stable-rank</c>, which all but an exact hold need.</param>
    /// <exception cref="UsageException">The text is none of the forms, or L is no number from 0, or r is missing.</exception>
    public static TrainHold? Parse(string? text, bool hasStableRank)
    {
        TrainHold? hold = text?.Split(':') switch
        {
            null => null,
            [ExactName] => new TrainHold(text, StableRankRuleKind.Exact, 0),
            [AtMostName] => new TrainHold(text, StableRankRuleKind.AtMost, 0),
            [PenaltyName, var weight] when double.TryParse(weight, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                && double.IsFinite(value) && value >= 0 => new TrainHold(text, StableRankRuleKind.Penalty, value),
            _ => throw new UsageException($"--hold-stable-rank is '{text}'; expected {Expected} (a number L from 0)"),
        };
        return hold is null or { Kind: StableRankRuleKind.Exact } || hasStableRank
            ? hold
            : throw new UsageException(
                $"--hold-stable-rank {text} needs --stable-rank; expected the r to hold, of which only {ExactName} can do without");
    }

    /// <summary>The constraint of one run, a rule for every weight matrix.</summary>
    /// <param name="network">The network that will be trained, with its initial weights.</param>
    /// <param name="stableRanks">r of every weight matrix, in the network's order; null for those of <paramref name="initial"/>.</param>
    /// <param name="initial">The stable ranks of the initial weights, in the same order.</param>
    public StableRankConstraint<T> Create<T>(Network<T> network, IReadOnlyList<double>? stableRanks, IReadOnlyList<double?> initial)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var names = network.Parameters.Where(p => p.IsWeight).Select(p => p.Name).ToList();
        return new StableRankConstraint<T>(network, parameter => Rule(names.IndexOf(parameter.Name)));

        StableRankRule Rule(int l) => Kind switch
        {
            StableRankRuleKind.AtMost => StableRankRule.AtMost(stableRanks![l]),
            StableRankRuleKind.Penalty => StableRankRule.Penalty(Weight, stableRanks![l]),
            _ => StableRankRule.Exact(stableRanks is null ? Measured(initial[l]!.Value) : stableRanks[l]),
        };
    }

    /// <summary>What is told of a matrix: its place among those held.</summary>
    public TrainedHold Report<T>(HoldWatch<T> watch, int index)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var rule = watch.Constraint.Held[index].Rule;
        var isPenalty = rule.Kind == StableRankRuleKind.Penalty;
        return new TrainedHold(
            Text.Split(':')[0], rule.StableRank, isPenalty ? rule.Weight : null, watch.Repairs(index), watch.GreatestError(index));
    }

    // To 24 bits, a twentieth of the accuracy of a hold: the last bits of a measured number are the backend's, and a run whose r they were
    // part of could not be resumed on another. 1 and min(m, n) have so few bits themselves, so r stays between them.
    private static double Measured(double stableRank) => (float)stableRank;
}
