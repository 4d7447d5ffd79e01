namespace StableRank.Experiments.Reporting;

/// <summary>A table of results; texts in the notation of <see cref="EnhancedText"/>.</summary>
/// <param name="Title">What it lists.</param>
/// <param name="Columns">Column heads.</param>
/// <param name="Rows">Cells, as many a row as there are columns.</param>
internal sealed record ResultTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);
