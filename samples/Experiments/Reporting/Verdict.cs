using System.Globalization;
using StableRank.Experiments.Measuring;

namespace StableRank.Experiments.Reporting;

/// <summary>What the numbers say about a statement.</summary>
internal enum VerdictOutcome
{
    /// <summary>All of it agrees with the numbers.</summary>
    Holds,

    /// <summary>Part of it agrees with the numbers.</summary>
    Mixed,

    /// <summary>The numbers contradict it.</summary>
    Fails,
}

/// <summary>
/// A statement, what the measured numbers say about it, and these numbers. Made from measurements only, by the factories.
/// </summary>
/// <param name="Statement">What is claimed.</param>
/// <param name="Outcome">What the numbers say.</param>
/// <param name="Evidence">The numbers, a line for each part of the statement.</param>
internal sealed record Verdict(string Statement, VerdictOutcome Outcome, string Evidence)
{
    /// <summary>The chance with which a true statement of many comparisons may be called false.</summary>
    public const double FalseAlarm = 0.001;

    /// <summary>A verdict on parts, each with its numbers: holds where all do, fails where none does.</summary>
    /// <exception cref="ArgumentException">There is no part.</exception>
    public static Verdict OnParts(string statement, params IReadOnlyList<(bool Holds, string Evidence)> parts)
    {
        if (parts.Count == 0)
        {
            throw new ArgumentException("a verdict needs numbers: there is no part", nameof(parts));
        }

        var outcome = parts.All(part => part.Holds) ? VerdictOutcome.Holds
            : parts.Any(part => part.Holds) ? VerdictOutcome.Mixed
            : VerdictOutcome.Fails;
        var marked = parts.Count == 1
            ? parts.Select(part => part.Evidence)
            : parts.Select(part => (part.Holds ? "✓ " : "✗ ") + part.Evidence);
        return new Verdict(statement, outcome, string.Join(";\n", marked) + ".");
    }

    /// <summary>A verdict on measurements against exact values: <see cref="Agreement"/> as its only part.</summary>
    public static Verdict OnComparisons(string statement, IReadOnlyList<Comparison> comparisons) =>
        OnParts(statement, Agreement(comparisons));

    /// <summary>
    /// Whether all measurements agree with their exact values: none may lie farther off, in standard errors, than Student's quantile that
    /// any of N true comparisons exceeds with a chance of at most <see cref="FalseAlarm"/> (Bonferroni, two-sided). The evidence names the
    /// worst.
    /// </summary>
    /// <exception cref="ArgumentException">There is no comparison.</exception>
    public static (bool Holds, string Evidence) Agreement(IReadOnlyList<Comparison> comparisons)
    {
        if (comparisons.Count == 0)
        {
            throw new ArgumentException("a verdict needs numbers: there is no comparison", nameof(comparisons));
        }

        var worst = comparisons.MaxBy(comparison => comparison.Severity)!;
        var bound = Comparison.Bound(comparisons.Count, comparisons.Min(comparison => comparison.DegreesOfFreedom), FalseAlarm);
        var times = comparisons.Count == 1 ? "one comparison" : $"{comparisons.Count} comparisons";
        var evidence = string.Create(CultureInfo.InvariantCulture,
            $"worst of {times}: {worst.Deviation:+0.00;-0.00} standard errors ({worst.What}: {worst.Measured:G5} ± "
            + $"{worst.StandardError:G2} against {worst.Exact:G5}); bound {bound:0.00} for {FalseAlarm:0.0 %} false alarms");
        return (worst.Severity <= bound, evidence);
    }
}
