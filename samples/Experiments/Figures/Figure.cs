namespace StableRank.Experiments.Figures;

/// <summary>A figure: panels side by side or stacked, written as CSV and gnuplot script and drawn by gnuplot.</summary>
/// <param name="Name">The file name without extension: lower case, digits and hyphens.</param>
/// <param name="Title">Its title in the report.</param>
/// <param name="Caption">What to see in it, in the notation of <see cref="Reporting.EnhancedText"/>.</param>
/// <param name="Panels">Its panels, row by row.</param>
internal sealed record Figure(string Name, string Title, string Caption, IReadOnlyList<Panel> Panels)
{
    /// <summary>Panels in a row.</summary>
    public int Columns { get; init; } = 2;

    /// <summary>Width of the figure in points.</summary>
    public int Width { get; init; } = 1080;

    /// <summary>Height of a row of panels in points.</summary>
    public int RowHeight { get; init; } = 400;

    /// <summary>Rows of panels.</summary>
    public int Rows => (Panels.Count + Columns - 1) / Columns;

    /// <summary>Height of the figure in points.</summary>
    public int Height => checked(Rows * RowHeight);
}
