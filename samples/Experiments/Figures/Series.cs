namespace StableRank.Experiments.Figures;

/// <summary>How a series is drawn.</summary>
internal enum SeriesKind
{
    /// <summary>A line through (x, y).</summary>
    Line,

    /// <summary>Points at (x, y) with error bars from low to high.</summary>
    Points,

    /// <summary>A filled band between low and high.</summary>
    Band,

    /// <summary>Boxes of the given width around x, of height y: bars and histograms.</summary>
    Bars,

    /// <summary>Filled polygons, each of a colour of its own; a point without x ends one.</summary>
    Polygons,
}

/// <summary>The shape of a point.</summary>
internal enum Marker
{
    /// <summary>A circle.</summary>
    Circle,

    /// <summary>A square.</summary>
    Square,

    /// <summary>A triangle that points up.</summary>
    TriangleUp,

    /// <summary>A triangle that points down.</summary>
    TriangleDown,

    /// <summary>A diamond.</summary>
    Diamond,

    /// <summary>A pentagon.</summary>
    Pentagon,
}

/// <summary>The stroke of a line.</summary>
internal enum Stroke
{
    /// <summary>Unbroken.</summary>
    Solid,

    /// <summary>Dashes.</summary>
    Dashed,

    /// <summary>Dots.</summary>
    Dotted,
}

/// <summary>A point of a series; what its kind does not draw stays NaN and is an empty cell of the CSV file.</summary>
/// <param name="X">Abscissa.</param>
/// <param name="Y">Ordinate.</param>
/// <param name="Low">Lower end of the error bar or of the band.</param>
/// <param name="High">Upper end of the error bar or of the band.</param>
/// <param name="Width">Width of the bar.</param>
/// <param name="Colour">Colour of the polygon that this is a corner of, red 65536 + green 256 + blue.</param>
internal readonly record struct DataPoint(
    double X, double Y = double.NaN, double Low = double.NaN, double High = double.NaN, double Width = double.NaN,
    double Colour = double.NaN)
{
    /// <summary>Parts polygons of one series.</summary>
    public static DataPoint EndOfPolygon { get; } = new(double.NaN);
}

/// <summary>Points of one kind in one colour.</summary>
/// <param name="Label">What it is, for the CSV file and, where <see cref="InLegend"/>, for the legend.</param>
/// <param name="Kind">How it is drawn.</param>
/// <param name="Colour">"#rrggbb", from <see cref="Palette"/>.</param>
/// <param name="Points">Its points, in the order of drawing; none for an entry of the legend alone.</param>
internal sealed record Series(string Label, SeriesKind Kind, string Colour, IReadOnlyList<DataPoint> Points)
{
    /// <summary>Whether the legend names it.</summary>
    public bool InLegend { get; init; } = true;

    /// <summary>The shape of its points.</summary>
    public Marker Marker { get; init; }

    /// <summary>Whether its points are outlines: values shown, but not to be relied on.</summary>
    public bool Hollow { get; init; }

    /// <summary>The size of its points.</summary>
    public double PointSize { get; init; } = 0.65;

    /// <summary>The stroke of its line.</summary>
    public Stroke Stroke { get; init; }

    /// <summary>The width of its line.</summary>
    public double LineWidth { get; init; } = 1.6;

    /// <summary>A line.</summary>
    public static Series Line(string label, string colour, IEnumerable<(double X, double Y)> points) =>
        new(label, SeriesKind.Line, colour, [.. points.Select(point => new DataPoint(point.X, point.Y))]);

    /// <summary>Points with error bars of <c>half</c> on both sides.</summary>
    public static Series Measured(string label, string colour, IEnumerable<(double X, double Y, double Half)> points) =>
        new(label, SeriesKind.Points, colour, [.. points.Select(at => new DataPoint(at.X, at.Y, at.Y - at.Half, at.Y + at.Half))]);

    /// <summary>A filled band.</summary>
    public static Series Band(string label, string colour, IEnumerable<(double X, double Low, double High)> points) =>
        new(label, SeriesKind.Band, colour, [.. points.Select(point => new DataPoint(point.X, double.NaN, point.Low, point.High))]);

    /// <summary>Filled polygons.</summary>
    /// <param name="label">What they are.</param>
    /// <param name="polygons">The colour of each, "#rrggbb", and its corners.</param>
    public static Series Polygons(string label, IEnumerable<(string Colour, IEnumerable<(double X, double Y)> Corners)> polygons) =>
        new(label, SeriesKind.Polygons, Palette.Guide, [.. polygons.SelectMany(polygon =>
        {
            var colour = Palette.Number(polygon.Colour);
            return polygon.Corners.Select(at => new DataPoint(at.X, at.Y, Colour: colour)).Append(DataPoint.EndOfPolygon);
        })]) { InLegend = false };

    /// <summary>Bars of one width.</summary>
    public static Series Bars(string label, string colour, double width, IEnumerable<(double X, double Y)> points) =>
        new(label, SeriesKind.Bars, colour, [.. points.Select(point => new DataPoint(point.X, point.Y, Width: width))]);
}
