using StableRank.Experiments.Figures;

namespace StableRank.Experiments.Learning;

/// <summary>The panels of the figures of gradient ranks: means over folds, seeds and steps, bars from the least to the greatest.</summary>
internal static class RankPanels
{
    /// <summary>What every caption says of points, bars and bounds.</summary>
    public const string HowToRead =
        "Numerical ranks in double precision above LAPACK's max(m, n) ε s_1: means over folds, seeds and steps, error bars from the least "
        + "to the greatest; lines: the bound computed from the architecture.";

    private static readonly Marker[] Markers = [Marker.Circle, Marker.Square, Marker.Diamond, Marker.TriangleUp];

    /// <summary>Bars for each weight, one beside the other, and the bounds as steps.</summary>
    /// <param name="title">Of the panel.</param>
    /// <param name="groups">What stands side by side, with the courses of each.</param>
    public static Panel ByLayer(string title, params IReadOnlyList<(string Label, IReadOnlyList<RankCourse> Courses)> groups)
    {
        var series = new List<Series>();
        var bounds = new List<Series>();
        var width = 0.8 / groups.Count;
        var layers = 0;
        for (var g = 0; g < groups.Count; g++)
        {
            var (label, courses) = groups[g];
            layers = courses[0].Bounds.Count;
            var offset = (g - ((groups.Count - 1) / 2.0)) * width;
            var colour = Palette.Categorical[g];
            var ranks = Enumerable.Range(0, layers).Select(weight => RankSummary.Of(courses, weight)).ToList();
            series.Add(Series.Bars(label, colour, 0.92 * width, ranks.Select((rank, l) => (l + 1 + offset, rank.Mean))));
            series.Add(new Series(
                label + ", range", SeriesKind.Points, Palette.Theory,
                [.. ranks.Select((rank, l) => new DataPoint(l + 1 + offset, rank.Mean, rank.Least, rank.Greatest))])
            {
                InLegend = false, PointSize = 0.3,
            });
            bounds.Add(Series.Line(
                "bound, " + label, colour,
                ranks.SelectMany((rank, l) => new[] { (l + 0.5, (double)rank.Bound), (l + 1.5, rank.Bound) })) with
            {
                Stroke = g % 2 == 0 ? Stroke.Solid : Stroke.Dashed,
            });
        }

        return new Panel(
            title, new Axis("layer", Minimum: 0.5, Maximum: layers + 0.5, TickStep: 1), Ranks(bounds, series),
            [.. series, .. bounds]) { LegendColumns = 2 };
    }

    /// <summary>Ranks against the setting, and the bounds as dashed lines of the same colour.</summary>
    /// <param name="title">Of the panel.</param>
    /// <param name="setting">The abscissa.</param>
    /// <param name="curves">What is drawn.</param>
    public static Panel Against(string title, Axis setting, params IReadOnlyList<RankCurve> curves)
    {
        var bounds = new List<Series>();
        var points = new List<Series>();
        for (var c = 0; c < curves.Count; c++)
        {
            var curve = curves[c];
            var colour = Palette.Categorical[c];
            var ranks = curve.Courses.GroupBy(course => course.Case.Setting).OrderBy(at => at.Key)
                .Select(at => (at.Key, Rank: RankSummary.Of(at, curve.Weight, curve.Rank))).ToList();
            bounds.Add(Series.Line("bound, " + curve.Label, colour, ranks.Select(at => (at.Key, (double)at.Rank.Bound))) with
            {
                Stroke = Stroke.Dashed,
            });
            points.Add(new Series(
                curve.Label, SeriesKind.Points, colour,
                [.. ranks.Select(at => new DataPoint(at.Key, at.Rank.Mean, at.Rank.Least, at.Rank.Greatest))])
            {
                // points of two weights often coincide: the later ones are outlines around the earlier
                Marker = Markers[c % Markers.Length], Hollow = c > 0, PointSize = 0.7 + (0.35 * c),
            });
        }

        return new Panel(title, setting, Ranks(bounds, points), [.. bounds, .. points]) { LegendColumns = 2 };
    }

    /// <summary>The ordinate: some room above whatever is highest.</summary>
    private static Axis Ranks(IEnumerable<Series> bounds, IEnumerable<Series> measured)
    {
        var highest = bounds.Concat(measured).SelectMany(series => series.Points)
            .Max(point => double.IsNaN(point.High) ? point.Y : point.High);
        return new Axis("rank of the gradient", Minimum: 0, Maximum: Math.Max(1.08 * highest, highest + 0.5));
    }
}
