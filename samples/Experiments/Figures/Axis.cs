namespace StableRank.Experiments.Figures;

/// <summary>How an axis runs.</summary>
internal enum AxisScale
{
    /// <summary>Equal steps.</summary>
    Linear,

    /// <summary>Logarithmic with tick marks at powers of ten, written as powers.</summary>
    Log10,

    /// <summary>Logarithmic with tick marks at powers of two, written out.</summary>
    Log2,
}

/// <summary>An axis of a panel.</summary>
/// <param name="Label">What it measures, with symbol and unit, in the notation of <see cref="Reporting.EnhancedText"/>.</param>
/// <param name="Scale">Linear or logarithmic.</param>
/// <param name="Minimum">Its lower end; chosen from the data where null.</param>
/// <param name="Maximum">Its upper end; chosen from the data where null.</param>
/// <param name="TickStep">The distance between tick marks (a factor on a logarithmic axis); chosen from the range where null.</param>
internal sealed record Axis(
    string Label, AxisScale Scale = AxisScale.Linear, double? Minimum = null, double? Maximum = null, double? TickStep = null);
