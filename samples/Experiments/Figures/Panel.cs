namespace StableRank.Experiments.Figures;

/// <summary>Where the legend of a panel stands.</summary>
internal enum LegendPlace
{
    /// <summary>Nowhere.</summary>
    None,

    /// <summary>Inside, top left.</summary>
    TopLeft,

    /// <summary>Inside, top right.</summary>
    TopRight,

    /// <summary>Inside, bottom left.</summary>
    BottomLeft,

    /// <summary>Inside, bottom right.</summary>
    BottomRight,

    /// <summary>Outside, on the right.</summary>
    OutsideRight,

    /// <summary>Outside, below the abscissa.</summary>
    Below,
}

/// <summary>A text beside a point of the data.</summary>
/// <param name="X">Abscissa of the text's left end.</param>
/// <param name="Y">Ordinate of the text's middle.</param>
/// <param name="Text">In the notation of <see cref="Reporting.EnhancedText"/>.</param>
/// <param name="Colour">"#rrggbb".</param>
internal readonly record struct TextLabel(double X, double Y, string Text, string Colour);

/// <summary>One coordinate system of a figure.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="X">The abscissa.</param>
/// <param name="Y">The ordinate.</param>
/// <param name="Series">What is drawn, the first lowest.</param>
internal sealed record Panel(string Title, Axis X, Axis Y, IReadOnlyList<Series> Series)
{
    /// <summary>Where the legend stands.</summary>
    public LegendPlace Legend { get; init; } = LegendPlace.Below;

    /// <summary>Columns of a legend below the panel.</summary>
    public int LegendColumns { get; init; } = 3;

    /// <summary>Texts beside the data.</summary>
    public IReadOnlyList<TextLabel> Labels { get; init; } = [];

    /// <summary>Whether a unit has the same length on both axes, as on a map.</summary>
    public bool EqualUnits { get; init; }

    /// <summary>Room on the right for such texts, in characters.</summary>
    public int LabelRoom { get; init; }
}
