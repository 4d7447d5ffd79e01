using StableRank.Experiments.Figures;
using StableRank.Experiments.Learning;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Networks;

namespace StableRank.Experiments.Studies;

/// <summary>The ranks of gradients behind a narrow layer of leaky-ReLU networks, over slopes: H4 of arXiv 2402.06751.</summary>
internal sealed class LeakyBottleneck(LeakyBottleneck.Scope? scope = null) : Experiment
{
    /// <summary>The fraction of s_1 above which singular values are counted where rounding is not meant.</summary>
    private const double Coarse = 0.01;

    private static readonly IReadOnlyList<string> Weights = ["W_1", "W_2", "W_3", "W_4"];

    private static readonly Scope QuickScope = new(
        Width: 128, Narrow: 2, Samples: 1280, DigitSamples: 1280, FashionSamples: 0, Slopes: [0, 0.25, 0.5, 0.75, 0.9, 0.99, 1],
        new RankProtocol(Folds: 2, Seeds: 2, BatchSize: 256, Epochs: 4, Interval: 5));

    private static readonly Scope FullScope = QuickScope with
    {
        DigitSamples = 1797, FashionSamples = 1280,
        Slopes = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1],
        Protocol = new RankProtocol(Folds: 5, Seeds: 4, BatchSize: 256, Epochs: 10, Interval: 10),
    };

    public override string Name => "leaky-bottleneck";

    public override string Title => "Leaky rectifiers leak through a bottleneck";

    public override string Source => "P2, Low-Rank Learning by Design (arXiv 2402.06751), H4; theory (6.1), (6.2), (6.6).";

    public override string Claim =>
        "The closer to linear the activation, the more of a bottleneck's bound is left: behind 2 neurons gradients of leaky-ReLU "
        + "networks have low rank for slopes a near 1 and regain full rank as a falls.";

    public override string Protocol =>
        "Autoencoders of four layers without biases, 128 wide and 2 in the middle, leaky ReLU of slope a in [0, 1] on all layers but the "
        + "last, on Gaussians of 128 dimensions, the shipped digits and, at full size, Fashion-MNIST where it is on the machine; "
        + "squared error, Adam of rate 0.001, double precision, batches of 256. Two ranks: the numerical one by LAPACK's rule, and the "
        + "number of singular values above 1 % of the greatest. Quick: 2 of 5 folds x 2 seeds; full: 5 folds x 4 seeds, 10 epochs.";

    public override ExperimentResult Run(ExperimentContext context)
    {
        var settings = scope ?? context.Choose(QuickScope, FullScope);
        return Judge(Measure(settings, context), settings);
    }

    /// <summary>All networks; the group is the data's name, the setting the slope.</summary>
    internal static IReadOnlyList<RankCourse> Measure(Scope settings, ExperimentContext context)
    {
        RankData?[] sources =
        [
            RankSources.Gaussians(settings.Width, settings.Samples, context.Seed),
            RankSources.Digits(settings.DigitSamples, context.Seed),
            settings.FashionSamples > 0 ? RankSources.FashionMnist(settings.FashionSamples, context.Seed) : null,
        ];
        return settings.Protocol.Run(
            [
                .. from data in sources.OfType<RankData>()
                   from slope in settings.Slopes
                   select RankCase.Dense(
                       data.Name, slope, data, slope == 1 ? Activation.Linear : Activation.LeakyReLU(slope),
                       settings.Width, settings.Narrow, settings.Width),
            ],
            context);
    }

    /// <summary>What the courses say, with nothing trained anew.</summary>
    internal static ExperimentResult Judge(IReadOnlyList<RankCourse> courses, Scope settings)
    {
        var names = courses.Select(course => course.Case.Group).Distinct().ToList();
        IReadOnlyList<RankCourse> Of(string group) => [.. courses.Where(course => course.Case.Group == group)];
        IReadOnlyList<RankCourse> At(string group, Func<double, bool> slope) => [.. Of(group).Where(course => slope(course.Case.Setting))];
        var least = settings.Slopes.Min();
        var nearly = settings.Slopes.Where(slope => slope < 1).Max();
        Figure FigureOf(string name, string title, string caption, Func<WeightGradient, double> rank) => new(
            name, title, caption,
            [.. names.Select(group => RankPanels.Against(
                char.ToUpperInvariant(group[0]) + group[1..], new Axis("slope a", Minimum: -0.02, Maximum: 1.02),
                [.. Outer(Of(group)).Select((weight, i) =>
                    new RankCurve(i == 0 ? "first layer" : "last layer", weight, Of(group)) { Rank = rank })]))])
        { Columns = names.Count, Width = names.Count > 2 ? 1200 : 1080 };
        return new ExperimentResult(
            [
                FigureOf("ranks", "Numerical rank against the slope", RankPanels.HowToRead, gradient => gradient.Rank()),
                FigureOf(
                    "coarse", "Singular values above 1 % of the greatest, against the slope",
                    "As above, with another count: singular values above 0.01 s_1. Means over folds, seeds and steps, error bars from "
                        + "the least to the greatest; lines: the bound on the rank, which bounds this count as well.",
                    AboveCoarse),
            ],
            [
                RankFindings.Table("Ranks and losses", "a", Weights, courses),
                RankFindings.Causes("a", Weights, [.. courses.Where(course => course.Case.Setting >= nearly)]),
            ],
            [
                Verdict.OnParts(
                    $"At a = 1 no gradient has a rank above {settings.Narrow}.",
                    [.. names.Select(group => RankFindings.AtMost(group, settings.Narrow, At(group, slope => slope == 1)))]),
                Verdict.OnParts(
                    $"For a near 1 the gradients of the outer layers keep to {settings.Narrow}: the numerical rank at a = {nearly}.",
                    [.. names.Select(group => RankFindings.AtMost(
                        group, settings.Narrow, At(group, slope => slope == nearly), Outer(Of(group)).Contains))]),
                Verdict.OnParts(
                    $"Counted above 1 % of s_1, the outer layers' ranks are lower at a = {nearly} than at a = {least}.",
                    [.. names.SelectMany(group => Outer(Of(group)).Select(weight => Falls(group, weight, Of(group), least, nearly)))]),
                Verdict.OnParts(
                    "No gradient exceeds the bound computed from its network, its batch and the rank of its data.",
                    [.. names.Select(group => RankFindings.WithinBounds(group, Of(group)))]),
            ],
            [RankFindings.OtherRule(courses)]);
    }

    private static double AboveCoarse(WeightGradient gradient) =>
        gradient.Measured.NumericalRank(Coarse);

    private static IReadOnlyList<int> Outer(IReadOnlyList<RankCourse> courses) => [0, courses[0].Bounds.Count - 1];

    private static (bool Holds, string Evidence) Falls(
        string group, int weight, IReadOnlyList<RankCourse> courses, double from, double to)
    {
        RankSummary At(double slope) => RankSummary.Of(courses.Where(course => course.Case.Setting == slope), weight, AboveCoarse);
        return (At(to).Mean < At(from).Mean, $"{group}, {Weights[weight]}: {At(from)} at a = {from}, {At(to)} at a = {to}");
    }

    /// <summary>How much is trained.</summary>
    /// <param name="Width">Of the Gaussians and of the outer layers.</param>
    /// <param name="Narrow">Of the middle.</param>
    /// <param name="Samples">Gaussians.</param>
    /// <param name="DigitSamples">Digits.</param>
    /// <param name="FashionSamples">Images of Fashion-MNIST; 0 for none.</param>
    /// <param name="Slopes">a, 1 among them.</param>
    /// <param name="Protocol">Folds, seeds and steps.</param>
    internal sealed record Scope(
        int Width, int Narrow, int Samples, int DigitSamples, int FashionSamples, IReadOnlyList<double> Slopes, RankProtocol Protocol);
}
