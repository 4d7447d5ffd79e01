using StableRank.Experiments.Figures;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Replication;
using StableRank.Spectra;

namespace StableRank.Experiments.Studies;

/// <content>The figures.</content>
internal sealed partial class JacobianLaw
{
    private const int Bins = 48;
    private const int LinePoints = 300;

    private static Figure DensityFigure(IReadOnlyList<Cell> cells, Scope settings)
    {
        var width = cells.Max(cell => cell.Width);
        return new Figure(
            "densities",
            "Singular values of Jacobians and the predicted density",
            $"ReLU networks of {Depth} layers of width {width}. Bars: singular values above 0 of {settings.Networks} networks. Lines: the "
                + "density of free multiplicative convolution for the layers' own spectra, nothing fitted. Half of the singular values, or "
                + "what the layers' rank leaves, are 0 and not shown; poles at 0 are cut.",
            [.. cells.Where(cell => cell.Width == width && cell.Activation == Activation.ReLU).Select(DensityPanel)])
        {
            Columns = settings.Shares.Count, RowHeight = 260,
        };
    }

    private static Panel DensityPanel(Cell cell)
    {
        var top = 1.05 * Math.Sqrt(Math.Max(cell.Squares.Values[^1], cell.Law.TypicalGreatest));
        var bin = top / Bins;
        var counts = new int[Bins];
        foreach (var square in cell.Squares.Values)
        {
            if (square > 0)
            {
                counts[Math.Min(Bins - 1, (int)(Math.Sqrt(square) / bin))]++;
            }
        }

        var bars = counts.Select((count, i) => ((i + 0.5) * bin, count / (cell.Squares.Count * bin))).ToList();
        var highest = 1.25 * bars.Skip(1).Max(bar => bar.Item2);

        // of s: 2 s times that of s^2; a probability in a sliver, so that a narrow band is not missed between two points
        var step = top / LinePoints;
        var line = Enumerable.Range(0, LinePoints).Select(i =>
        {
            double Up(double s) => cell.Law.CumulativeProbability(s * s);
            return ((i + 0.5) * step, (Up((i + 1) * step) - Up(Math.Max(i * step, 1e-9 * step))) / step);
        }).Where(point => point.Item2 < highest);
        return new Panel(
            $"{cell.Family.Name}, r/n = {F(cell.Share, 3)}",
            new Axis("s", Minimum: 0, Maximum: top),
            new Axis("density", Minimum: 0, Maximum: highest),
            [
                Series.Bars("measured", Palette.Categorical[5], bin, bars.Select(bar => (bar.Item1, Math.Min(bar.Item2, highest)))),
                Series.Line("predicted", Palette.Theory, line),
            ])
        {
            Legend = LegendPlace.TopRight,
        };
    }

    private static Figure DistanceFigure(IReadOnlyList<Cell> cells) => new(
        "distance",
        "Kolmogorov distance against width",
        "Between the distribution functions of the measured squared singular values, of all networks together, and the predicted one. "
            + "Dotted: 0.42/√n, by which the share of zeros of a ReLU network of three full-rank layers exceeds 1/2, and 1/n, a "
            + "singular value's share. Hollow: the greater r/n. Bars: two standard errors, by the networks that were drawn.",
        [
            DistancePanel("ReLU", cells, Activation.ReLU, cell => cell.Distance, n => 0.42 / Math.Sqrt(n), "0.42/√n"),
            DistancePanel("ReLU, above 0", cells, Activation.ReLU, cell => cell.DistanceAbove, n => 1 / n, "1/n"),
            DistancePanel("tanh", cells, Activation.Tanh, cell => cell.Distance, n => 1 / n, "1/n"),
        ]) { Columns = 3 };

    private static Panel DistancePanel(
        string title, IReadOnlyList<Cell> cells, Activation activation, Func<Cell, Estimate> distance, Func<double, double> guide,
        string name)
    {
        var series = new List<Series>();
        var widths = cells.Select(cell => (double)cell.Width).Distinct().Order().ToList();
        series.Add(Series.Line(
            name, Palette.Guide, widths.Select(n => (n, guide(n)))) with { Stroke = Stroke.Dotted });
        var shares = cells.Where(cell => cell.Activation == activation).Select(cell => cell.Share).Distinct().Order().ToList();
        foreach (var law in ByLaw(cells).Where(law => law[0].Activation == activation))
        {
            var colour = Palette.Categorical[IndexOf(law[0].Family)];
            var stroke = shares.IndexOf(law[0].Share) switch { 0 => Stroke.Solid, 1 => Stroke.Dashed, _ => Stroke.Dotted };
            series.Add(Series.Line(law[0].Family.Name, colour, law.Select(cell => ((double)cell.Width, distance(cell).Mean))) with
            {
                Stroke = stroke, InLegend = stroke == Stroke.Solid,
            });
            series.Add(Series.Measured($"{law[0].Title}, measured", colour, law.Select(cell => (
                (double)cell.Width, distance(cell).Mean, 2 * distance(cell).StandardError)))
                with { InLegend = false, Hollow = stroke != Stroke.Solid });
        }

        return new Panel(
            title,
            new Axis("width n", AxisScale.Log2),
            new Axis("Kolmogorov distance", AxisScale.Log10),
            series)
        {
            LegendColumns = 2,
        };
    }

    private static Figure RankFigure(IReadOnlyList<Cell> cells, Scope settings)
    {
        var width = cells.Max(cell => cell.Width);
        return new Figure(
            "ranks",
            "Ranks of the Jacobian against the stable rank of its layers",
            $"ReLU networks of {Depth} layers of width {width}; means over {settings.Networks} networks with bars of two standard errors, "
                + "and the prediction. A network's sensitive directions are far fewer than its layers' stable rank.",
            [
                RankPanel(cells, width, "Stable rank", law => law.StableRank, cell => cell.Ensemble.StableRank),
                RankPanel(cells, width, "Participation rank", law => law.ParticipationRank, cell => cell.Ensemble.ParticipationRank),
            ]);
    }

    private static Panel RankPanel(
        IReadOnlyList<Cell> cells, int width, string title, Func<JacobianDensity, double> predicted,
        Func<Cell, Estimate> measured)
    {
        var series = new List<Series>();
        foreach (var family in Families)
        {
            var colour = Palette.Categorical[IndexOf(family)];
            double[] shares = [0.0625, 0.125, 0.1875, 0.25, 0.375, 0.5, 0.625];
            series.Add(Series.Line(family.Name, colour, shares.Select(share =>
                (share * width, predicted(JacobianDensity.Of(ModelOf(width, family, Activation.ReLU, share * width), 1))))));
            series.Add(Series.Measured($"{family.Name}, measured", colour, cells
                .Where(cell => cell.Width == width && cell.Family == family && cell.Activation == Activation.ReLU)
                .Select(cell => (cell.Share * width, measured(cell).Mean, 2 * measured(cell).StandardError))) with { InLegend = false });
        }

        return new Panel(
            title, new Axis("stable rank r of a layer", Minimum: 0), new Axis($"{title.ToLowerInvariant()} of J", Minimum: 0), series)
        {
            LegendColumns = 2,
        };
    }

    private static int IndexOf(SpectralFamily family) => Families.Select(one => one.Name).ToList().IndexOf(family.Name);
}
