using System.Globalization;
using StableRank.Experiments.Figures;
using StableRank.Experiments.Learning;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;

namespace StableRank.Experiments.Studies;

/// <content>What the courses say.</content>
internal sealed partial class Truncation
{
    // input and recurrent weights in the network's order: U_1, V_1, U_2, V_2, U_3, V_3, then the dense layer's
    private const int U1 = 0, V1 = 1, U3 = 4, V3 = 5;

    private static readonly IReadOnlyList<string> Weights = ["U_1", "V_1", "U_2", "V_2", "U_3", "V_3", "W_4"];

    private static readonly IReadOnlyList<int> Beside = [U1, V1, U3, V3];

    /// <summary>What the courses say, with nothing trained anew.</summary>
    internal static ExperimentResult Judge(IReadOnlyList<RankCourse> courses, Scope settings)
    {
        IReadOnlyList<RankCourse> Of(string group) =>
            [.. courses.Where(course => course.Case.Group == group).OrderBy(course => course.Case.Setting)];
        IReadOnlyList<RankCourse> Longest(string group) => [.. Of(group).Where(course => course.Case.Setting == settings.Longest)];
        string[] chunked = [Chunks, TextChunks];
        var limit = settings.Narrow * settings.Longest;
        Panel PanelOf(string title, string group) => RankPanels.Against(
            title, new Axis("truncation τ (steps)", Minimum: 0, Maximum: settings.Longest + 1),
            new RankCurve("U_1", U1, Of(group)), new RankCurve("V_1", V1, Of(group)), new RankCurve("V_3", V3, Of(group)));
        return new ExperimentResult(
            [
                new Figure(
                    "chunks", "Rank against truncation, chunks",
                    RankPanels.HowToRead + " U_1, V_1: input and recurrent weights of the layer below the narrow one, V_3: recurrent "
                        + "weights of "
                        + "the one above (V_1 and V_3 share their bound).",
                    [PanelOf("Sinusoids", Chunks), PanelOf("Text", TextChunks)]) { RowHeight = 440 },
                new Figure(
                    "beyond", "Where truncation does not bound the rank",
                    "(a) Truncated in windows: signals go back τ steps but states come from all "
                        + settings.Longest.ToString(CultureInfo.InvariantCulture)
                        + ", and V_3 sees them. (b) Chunks with tanh: each sample has its own slopes, and nothing but the sizes is left "
                        + "of the bound.",
                    [PanelOf("Sinusoids, windows", Windows), PanelOf("Sinusoids, chunks, tanh", Curved)]) { RowHeight = 440 },
            ],
            [
                RankFindings.Table(
                    "Ranks and losses", "τ", Weights,
                    [.. courses.Where(course => settings.OtherLengths.Contains((int)course.Case.Setting))
                        .OrderBy(course => course.Case.Group).ThenBy(course => course.Case.Setting)]),
                RankFindings.Causes("τ", Weights, [.. courses.Where(course => course.Case.Setting == settings.Longest)]),
            ],
            [
                Verdict.OnParts(
                    $"At truncation {settings.Longest} the gradients beside the {settings.Narrow}-wide layer have rank {limit} at most.",
                    [.. chunked.Select(group => RankFindings.AtMost(group, limit, Longest(group), Beside.Contains))]),
                Verdict.OnParts(
                    $"Every step of truncation adds at most {settings.Narrow} to the mean rank of each.",
                    [.. chunked.Select(group => Growth(Of(group), group, settings.Narrow))]),
                Verdict.OnParts(
                    $"Where states run on and only signals are truncated, ranks are at most {settings.Narrow}τ too.",
                    [.. Beside.Select(weight => Times(settings.Narrow, weight, Of(Windows)))]),
                Verdict.OnParts(
                    $"With tanh ranks are at most {settings.Narrow}τ too.",
                    [.. Beside.Select(weight => Times(settings.Narrow, weight, Of(Curved)))]),
                Verdict.OnParts(
                    "No gradient exceeds the bound computed from its network and its batch.",
                    [.. courses.Select(course => course.Case.Group).Distinct()
                        .Select(group => RankFindings.WithinBounds(group, Of(group)))]),
            ],
            [$"The text is {settings.Text.Name}, {settings.Text.Alphabet} different characters.", RankFindings.OtherRule(courses)]);
    }

    /// <summary>Whether the mean rank of no weight grows by more than so much a step.</summary>
    private static (bool Holds, string Evidence) Growth(IReadOnlyList<RankCourse> courses, string group, int limit)
    {
        var steepest = Beside.SelectMany(weight =>
        {
            var ranks = courses.GroupBy(course => course.Case.Setting)
                .Select(at => (Length: at.Key, RankSummary.Of(at, weight).Mean)).ToList();
            return ranks.Zip(ranks.Skip(1), (from, to) =>
                (Slope: (to.Mean - from.Mean) / (to.Length - from.Length),
                    What: $"{Symbol(weight)} from τ = {from.Length} to {to.Length}"));
        }).MaxBy(growth => growth.Slope);
        return (steepest.Slope <= limit, string.Create(CultureInfo.InvariantCulture,
            $"{group}: steepest {steepest.Slope:0.000} a step ({steepest.What})"));
    }

    private static (bool Holds, string Evidence) Times(int factor, int weight, IReadOnlyList<RankCourse> courses)
    {
        var worst = courses.SelectMany(course => course.Gradients.Where(gradient => gradient.Weight == weight)
            .Select(gradient => (Rank: gradient.Rank(), Length: course.Case.Setting))).MaxBy(one => one.Rank - (factor * one.Length));
        return (worst.Rank <= factor * worst.Length,
            $"{Symbol(weight)}: rank {worst.Rank} at τ = {worst.Length} (the greatest excess), {factor * worst.Length} claimed");
    }

    private static string Symbol(int weight) => weight switch
    {
        U1 => "U_1",
        V1 => "V_1",
        U3 => "U_3",
        V3 => "V_3",
        _ => throw new ArgumentOutOfRangeException(nameof(weight), weight, "expected a weight beside the narrow layer"),
    };
}
