using StableRank.Experiments.Figures;
using StableRank.Experiments.Learning;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Networks;

namespace StableRank.Experiments.Studies;

/// <summary>The ranks of all gradients of linear autoencoders with and without a narrow middle layer: H1 of arXiv 2402.06751.</summary>
internal sealed class Bottleneck(Bottleneck.Scope? scope = null) : Experiment
{
    private static readonly IReadOnlyList<string> Weights = ["W_1", "W_2", "W_3", "W_4"];

    private static readonly Scope QuickScope = new(
        Width: 128, Narrow: 16, Samples: 1280, DigitSamples: 1280,
        new RankProtocol(Folds: 2, Seeds: 2, BatchSize: 256, Epochs: 5, Interval: 8));

    private static readonly Scope FullScope = QuickScope with
    {
        DigitSamples = 1797, Protocol = new RankProtocol(Folds: 5, Seeds: 4, BatchSize: 256, Epochs: 50, Interval: 20),
    };

    public override string Name => "bottleneck";

    public override string Title => "A bottleneck bounds every gradient";

    public override string Source => "P2, Low-Rank Learning by Design (arXiv 2402.06751), H1; theory (6.2) in place of its eq. 1.";

    public override string Claim =>
        "In a linear network one narrow layer bounds the rank of the gradients of all layers: with 16 neurons in the middle none exceeds "
        + "16, without them they reach 128.";

    public override string Protocol =>
        "Linear autoencoders of four layers and no biases, 128 wide, the middle layer 128 or 16, on standard Gaussians of 128 "
        + "dimensions and on the shipped digits (64 pixels), squared error, Adam of rate 0.001, double precision, batches of 256; ranks at "
        + "the start and every 8 steps (every 20 at full size). Quick: 2 of 5 folds x 2 seeds; full: 5 folds x 4 seeds, 50 epochs. The "
        + "middle layer lies between the second and the third weight.";

    public override ExperimentResult Run(ExperimentContext context)
    {
        var settings = scope ?? context.Choose(QuickScope, FullScope);
        return Judge(Measure(settings, context), settings);
    }

    /// <summary>All four networks.</summary>
    internal static IReadOnlyList<RankCourse> Measure(Scope settings, ExperimentContext context)
    {
        RankData[] sources =
        [
            RankSources.Gaussians(settings.Width, settings.Samples, context.Seed),
            RankSources.Digits(settings.DigitSamples, context.Seed),
        ];
        return settings.Protocol.Run(
            [
                .. from data in sources
                   from middle in new[] { settings.Width, settings.Narrow }
                   select RankCase.Dense(data.Name, middle, data, Activation.Linear, settings.Width, middle, settings.Width),
            ],
            context);
    }

    /// <summary>What the courses say, with nothing trained anew.</summary>
    internal static ExperimentResult Judge(IReadOnlyList<RankCourse> courses, Scope settings)
    {
        IReadOnlyList<RankCourse> Of(string group, int middle) =>
            [.. courses.Where(course => course.Case.Group == group && course.Case.Setting == middle)];
        var groups = courses.Select(course => course.Case.Group).Distinct().ToList();
        return new ExperimentResult(
            [
                new Figure(
                    "layers", "Ranks of the gradients by layer", RankPanels.HowToRead,
                    [.. groups.Select(group => RankPanels.ByLayer(
                        char.ToUpperInvariant(group[0]) + group[1..],
                        ($"{settings.Width} in the middle", Of(group, settings.Width)),
                        ($"{settings.Narrow} in the middle", Of(group, settings.Narrow))))]) { RowHeight = 440 },
            ],
            [
                RankFindings.Table("Ranks and losses", "middle", Weights, courses),
                RankFindings.Causes("middle", Weights, courses),
            ],
            [
                Verdict.OnParts(
                    $"With {settings.Narrow} neurons in the middle no layer's gradient has a rank above {settings.Narrow}.",
                    [.. groups.Select(group => RankFindings.AtMost(group, settings.Narrow, Of(group, settings.Narrow)))]),
                Verdict.OnParts(
                    $"Without the bottleneck gradients reach rank {settings.Width} on Gaussians.",
                    RankFindings.Reaches(groups[0], settings.Width, Of(groups[0], settings.Width))),
                Verdict.OnParts(
                    "No gradient exceeds the bound computed from its network, its batch and the rank of its data.",
                    [.. groups.Select(group => RankFindings.WithinBounds(group, courses.Where(course => course.Case.Group == group)))]),
            ],
            [RankFindings.OtherRule(courses)]);
    }

    /// <summary>How much is trained.</summary>
    /// <param name="Width">Of the data and the layers.</param>
    /// <param name="Narrow">Of the middle layer of the other network.</param>
    /// <param name="Samples">Gaussians.</param>
    /// <param name="DigitSamples">Digits.</param>
    /// <param name="Protocol">Folds, seeds and steps.</param>
    internal sealed record Scope(int Width, int Narrow, int Samples, int DigitSamples, RankProtocol Protocol);
}
