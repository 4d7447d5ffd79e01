using StableRank.Experiments.Figures;
using StableRank.Spectra;

namespace StableRank.Experiments.Studies;

/// <content>The figures.</content>
internal sealed partial class ConditionedGaussian
{
    private const int Bins = 40;

    private static Figure PhasesFigure(IReadOnlyList<Bulk> bulks)
    {
        int largest = bulks.Max(bulk => bulk.Size);
        return new Figure(
            "phases",
            "The three phases",
            $"The density of y_2, ..., y_k, normalised squares of singular values, of Gaussian {largest} x {largest} matrices given their "
                + "stable rank. Bars: chains whose law is (3.1). Lines: the limit (3.3). y_1 = 1 stands apart at the right end.",
            [.. bulks.Where(bulk => bulk.Size == largest).Select(PhasePanel)]) { Columns = 3, RowHeight = 360 };
    }

    private static Panel PhasePanel(Bulk bulk)
    {
        double highest = Math.Min(1, 1.15 * bulk.Squares[^1]);
        double lowest = bulk.Law.Limit.LowerEdge > 0 ? Math.Max(0, bulk.Squares[0] - (0.1 * (highest - bulk.Squares[0]))) : 0;
        double width = (highest - lowest) / Bins;
        var bars = Enumerable.Range(0, Bins).Select(bin =>
        {
            double from = lowest + (bin * width);
            double count = bulk.Squares.Count(y => y >= from && y < from + width);
            return (from + (0.5 * width), count / (bulk.Squares.Length * width));
        }).ToList();

        // the hard edges' poles are cut at twice the highest bar
        double top = 1.15 * bars.Max(bar => bar.Item2);
        var line = Enumerable.Range(0, 801).Select(i => lowest + ((highest - lowest) * (i + 0.5) / 801))
            .Select(y => (y, bulk.Law.Limit.Density(y))).Where(point => point.Item2 < top);
        return new Panel(
            FormattableString.Invariant($"{bulk.Phase}, r = {bulk.StableRank:0.0}"),
            new Axis("y = (s/s_1)^2", Minimum: lowest, Maximum: highest, TickStep: highest - lowest < 0.6 ? 0.1 : 0.2),
            new Axis("density", Minimum: 0, Maximum: top),
            [Series.Bars("chains (3.1)", Palette.Categorical[5], width, bars), Series.Line("limit (3.3)", Palette.Theory, line)])
        {
            Legend = bulk.Phase == ConditionedPhase.Gapped ? LegendPlace.TopLeft : LegendPlace.TopRight,
        };
    }

    private static Figure RejectionFigure(IReadOnlyList<Rejection> rejections, int size) => new(
        "rejection",
        "Chains against matrices that happened to have the stable rank",
        $"The same density at size {size}, where some of the Gaussian {size} x {size} matrices that are drawn have the stable rank within "
            + "0.02: points, with two standard errors. Bars: chains. The limit, dashed, is not reached at this size.",
        [.. rejections.Select(RejectionPanel)]) { Columns = 3, RowHeight = 360 };

    private static Panel RejectionPanel(Rejection rejection)
    {
        const int Coarse = 16;
        double[] chains = [.. rejection.Chains.SelectMany(y => y)];
        double highest = Math.Min(1, 1.05 * rejection.Matrices.Max(y => y[0]));
        double width = highest / Coarse;
        var bars = new List<(double, double)>();
        var points = new List<(double, double, double)>();
        for (int bin = 0; bin < Coarse; bin++)
        {
            double from = bin * width;
            double middle = from + (0.5 * width);
            bars.Add((middle, chains.Count(Inside) / (chains.Length * width)));

            // a matrix is one observation: the standard error is over matrices
            double[] counts = [.. rejection.Matrices.Select(y => (double)y.Count(Inside))];
            double mean = counts.Average();
            double error = Math.Sqrt(counts.Sum(c => (c - mean) * (c - mean)) / (counts.Length - 1) / counts.Length);
            double scale = 1 / ((rejection.Size - 1) * width);
            points.Add((middle, mean * scale, 2 * error * scale));
            bool Inside(double y) => y >= from && y < from + width;
        }

        double top = 1.2 * bars.Max(bar => bar.Item2);
        var limit = new GaussianConditionedLimit(rejection.Size, rejection.Size, rejection.StableRank);
        var line = Enumerable.Range(0, 401).Select(i => highest * (i + 0.5) / 401).Select(y => (y, limit.Density(y)))
            .Where(point => point.Item2 > 0 && point.Item2 < top);
        return new Panel(
            FormattableString.Invariant($"r = {rejection.StableRank:0.00}, {rejection.Matrices.Count} matrices"),
            new Axis("y = (s/s_1)^2", Minimum: 0, Maximum: highest, TickStep: highest < 0.6 ? 0.1 : 0.2),
            new Axis("density", Minimum: 0, Maximum: top),
            [
                Series.Bars("chains (3.1)", Palette.Categorical[5], width, bars),
                Series.Line("limit (3.3)", Palette.Guide, line) with { Stroke = Stroke.Dashed },
                Series.Measured("Gaussian matrices", Palette.Categorical[1], points),
            ]) { Legend = LegendPlace.TopRight };
    }

    private static Figure ProbabilityFigure(IReadOnlyList<Slope> slopes, int size)
    {
        GaussianStableRankLaw law = GaussianStableRankLaw.Of(size, size);
        double typical = GaussianStableRank.Typical(size, size) / size;
        double lowest = Math.Max(0.06, 1.5 / size);
        var fractions = Enumerable.Range(0, 181).Select(i => lowest + (i * (0.94 - lowest) / 180)).ToList();
        var below = fractions.Where(f => f < typical).Select(f => (f, Rate(f)));
        var above = fractions.Where(f => f >= typical).Select(f => (f, Rate(f)));
        var rateLine = fractions.Select(f => (f, law.LargeDeviationRate(f * size)));
        double fallen = 0;
        var integral = new List<(double, double, double)>();
        List<Slope> pressed = [.. slopes.Where(s => s.Fraction >= typical)];
        foreach ((Slope left, Slope right) in pressed.Zip(pressed.Skip(1)))
        {
            // trapezoids between the measured slopes, from the least of them on
            fallen += 0.5 * (left.Measured.Mean + right.Measured.Mean) * (right.StableRank - left.StableRank);
            integral.Add((right.Fraction, fallen, 0));
        }

        Slope origin = pressed[0];
        double start = law.LargeDeviationRate(origin.StableRank);
        return new Figure(
            "probability",
            "The probability of the condition",
            $"Gaussian {size} x {size} matrices. (a) Minus the slope of the log-density of the stable rank: points, from chains, exact at "
                + "this size (bars of two standard errors are within the points); lines, the limit: the energy of the log-gas above the "
                + "typical value k/4, of order k, and the cost of one value pulled out below it, of order 1. (b) What that amounts to: "
                + "minus the log-density less its value at the typical stable rank; points: the measured slopes summed by trapezoids.",
            [
                new Panel(
                    "Slope of the log-density",
                    new Axis("stable rank r/k", Minimum: 0, Maximum: 1),
                    new Axis("-d log density / dr"),
                    [
                        Series.Line("limit", Palette.Theory, above),
                        Series.Line("limit, pulled", Palette.Theory, below) with { InLegend = false },
                        Series.Measured(
                            "chains", Palette.Categorical[0],
                            slopes.Select(s => (s.Fraction, s.Measured.Mean, 2 * s.Measured.StandardError))),
                    ]) { Legend = LegendPlace.TopLeft },
                new Panel(
                    "Minus the log-density",
                    new Axis("stable rank r/k", Minimum: 0, Maximum: 1),
                    new Axis("nats", Minimum: 0),
                    [
                        Series.Line("limit", Palette.Theory, rateLine),
                        Series.Measured("chains, summed", Palette.Categorical[0], integral.Select(p => (p.Item1, p.Item2 + start, 0.0))),
                    ]) { Legend = LegendPlace.TopLeft },
            ]);

        double Rate(double f)
        {
            const double Step = 0.01;
            return (law.LargeDeviationRate((f * size) + Step) - law.LargeDeviationRate((f * size) - Step)) / (2 * Step);
        }
    }
}
