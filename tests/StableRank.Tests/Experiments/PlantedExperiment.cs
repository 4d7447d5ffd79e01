using StableRank.Experiments.Figures;
using StableRank.Experiments.Measuring;
using StableRank.Experiments.Reporting;
using StableRank.Experiments.Running;

namespace StableRank.Tests.Experiments;

/// <summary>An experiment that takes no time: its one measurement is given.</summary>
internal sealed class PlantedExperiment(string name, double measured, Action<ExperimentContext>? during = null) : Experiment
{
    public override string Name => name;

    public override string Title => $"Planted <{name}>";

    public override string Source => "theory (4.1)";

    public override string Claim => "the mean of x_{L+1} is 1 & no more";

    public override string Protocol => "none; 10^{-3}";

    public override ExperimentResult Run(ExperimentContext context)
    {
        context.Progress.Report(0.5);
        during?.Invoke(context);
        var comparison = new Comparison("the mean", measured, 0.1, 1, 99);
        return new ExperimentResult(
            [Sample("first"), Sample("second")],
            [new ResultTable("Numbers", ["r", "s_1"], [["1", "2.5"], ["2", "<3>"]])],
            [Verdict.OnComparisons("The mean of x_{L+1} is 1.", [comparison])],
            ["seed " + context.Seed + " size " + context.Size]);
    }

    /// <summary>A figure with every kind of series, scale and legend.</summary>
    public static Figure Sample(string name) => new(
        name,
        "A figure, it's said",
        "Its caption: x^2.",
        [
            new Panel(
                "Lines and points",
                new Axis("layer l"),
                new Axis("‖x_l‖^2", AxisScale.Log10),
                [
                    Series.Band("band, wide", Palette.Theory, [(1, 0.5, 2), (2, 5, 20)]),
                    Series.Line("exact", Palette.Theory, [(1, 1), (2, 10)]) with { Stroke = Stroke.Dashed },
                    Series.Measured("measured \"q\"", Palette.Categorical[0], [(1, 1.1, 0.2), (2, 9, 2)]) with { Marker = Marker.Diamond },
                    new Series("not reliable", SeriesKind.Points, Palette.Guide, []) { Hollow = true },
                ])
            {
                Labels = [new TextLabel(2, 10, "r = 2", Palette.Theory)], LabelRoom = 8,
            },
            new Panel(
                "Bars",
                new Axis("r", AxisScale.Log2, 1, 8),
                new Axis("count", Minimum: 0),
                [Series.Bars("bars", Palette.Categorical[1], 0.5, [(2, 3), (4, 1.0 / 3)])])
            {
                Legend = LegendPlace.TopRight,
            },
        ]);
}
