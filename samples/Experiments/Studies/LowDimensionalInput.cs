using StableRank.Experiments.Figures;
using StableRank.Experiments.Learning;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;
using StableRank.Networks;

namespace StableRank.Experiments.Studies;

/// <summary>The ranks of gradients where inputs lie in a subspace of few dimensions: S1 of arXiv 2402.06751.</summary>
internal sealed class LowDimensionalInput(LowDimensionalInput.Scope? scope = null) : Experiment
{
    private const string LinearName = "linear", ReluName = "ReLU";

    private static readonly IReadOnlyList<string> Weights = ["W_1", "W_2", "W_3", "W_4"];

    private static readonly Scope QuickScope = new(
        Width: 128, Dimensions: 16, Samples: 1280, DigitSamples: 1280,
        new RankProtocol(Folds: 2, Seeds: 2, BatchSize: 256, Epochs: 5, Interval: 8));

    private static readonly Scope FullScope = QuickScope with
    {
        DigitSamples = 1797, Protocol = new RankProtocol(Folds: 5, Seeds: 4, BatchSize: 256, Epochs: 50, Interval: 20),
    };

    public override string Name => "low-dimensional-input";

    public override string Title => "Inputs of few dimensions bound every gradient";

    public override string Source => "P2, Low-Rank Learning by Design (arXiv 2402.06751), S1; theory (6.1), (6.2).";

    public override string Claim =>
        "In a linear network the rank of the data bounds the rank of the gradients of all layers: 16-dimensional inputs embedded in 128 "
        + "dimensions leave them at most 16.";

    public override string Protocol =>
        "Autoencoders of four layers and no biases, 128 wide, linear and ReLU (the last layer linear), on Gaussians of 16 dimensions in "
        + "a random subspace of 128, and on the shipped digits projected on their 16 leading principal directions, all 64 pixels kept; "
        + "squared error, Adam of rate 0.001, double precision, batches of 256; ranks at the start and every 8 steps (every 20 at full "
        + "size). Quick: 2 of 5 folds x 2 seeds; full: 5 folds x 4 seeds, 50 epochs.";

    public override ExperimentResult Run(ExperimentContext context)
    {
        var settings = scope ?? context.Choose(QuickScope, FullScope);
        return Judge(Measure(settings, context), settings);
    }

    /// <summary>Both networks on both data sets; the group is the data's name, the setting 0 for linear and 1 for ReLU.</summary>
    internal static IReadOnlyList<RankCourse> Measure(Scope settings, ExperimentContext context)
    {
        RankData[] sources =
        [
            RankSources.Embedded(settings.Dimensions, settings.Width, settings.Samples, context.Seed),
            RankSources.Projected(RankSources.Digits(settings.DigitSamples, context.Seed), settings.Dimensions),
        ];
        return settings.Protocol.Run(
            [
                .. from data in sources
                   from activation in new[] { Activation.Linear, Activation.ReLU }
                   select RankCase.Dense(
                       $"{data.Name}, {(activation == Activation.Linear ? LinearName : ReluName)}", 0, data, activation,
                       settings.Width, settings.Width, settings.Width),
            ],
            context);
    }

    /// <summary>What the courses say, with nothing trained anew.</summary>
    internal static ExperimentResult Judge(IReadOnlyList<RankCourse> courses, Scope settings)
    {
        var names = courses.Select(course => course.Case.Data.Name).Distinct().ToList();
        IReadOnlyList<RankCourse> Of(string data, string activation) =>
            [.. courses.Where(course => course.Case.Group == $"{data}, {activation}")];
        return new ExperimentResult(
            [
                new Figure(
                    "layers", "Ranks of the gradients by layer", RankPanels.HowToRead,
                    [.. names.Select(data => RankPanels.ByLayer(
                        char.ToUpperInvariant(data[0]) + data[1..],
                        (LinearName, Of(data, LinearName)), (ReluName, Of(data, ReluName))))]) { RowHeight = 440 },
            ],
            [
                RankFindings.Table("Ranks and losses", null, Weights, courses),
                RankFindings.Causes(null, Weights, courses),
            ],
            [
                Verdict.OnParts(
                    $"In linear networks no gradient has a rank above {settings.Dimensions}.",
                    [.. names.Select(data => RankFindings.AtMost(data, settings.Dimensions, Of(data, LinearName)))]),
                Verdict.OnParts(
                    $"In ReLU networks the first layer's gradient has a rank of at most {settings.Dimensions} too.",
                    [.. names.Select(data => RankFindings.AtMost(data, settings.Dimensions, Of(data, ReluName), weight => weight == 0))]),
                Verdict.OnParts(
                    $"In ReLU networks the others' gradients keep to {settings.Dimensions} as well (theory (6.1) does not say so).",
                    [.. names.Select(data => RankFindings.AtMost(
                        data, settings.Dimensions, Of(data, ReluName), weight => weight > 0))]),
                Verdict.OnParts(
                    "No gradient exceeds the bound computed from its network, its batch and the rank of its data.",
                    [.. names.Select(data => RankFindings.WithinBounds(data, courses.Where(course => course.Case.Data.Name == data)))]),
            ],
            [RankFindings.OtherRule(courses)]);
    }

    /// <summary>How much is trained.</summary>
    /// <param name="Width">Of the data and the layers.</param>
    /// <param name="Dimensions">Of the subspace.</param>
    /// <param name="Samples">Gaussians.</param>
    /// <param name="DigitSamples">Digits.</param>
    /// <param name="Protocol">Folds, seeds and steps.</param>
    internal sealed record Scope(int Width, int Dimensions, int Samples, int DigitSamples, RankProtocol Protocol);
}
