using System.Globalization;
using CsvHelper;

namespace StableRank.Experiments.Figures;

/// <summary>The numbers of a figure as one tidy CSV file: a line a point.</summary>
internal static class FigureCsv
{
    /// <summary>
    /// The columns, in order; panels and series count from 1, cells that a kind of series does not use are empty. An empty
    /// line parts polygons.
    /// </summary>
    public static readonly IReadOnlyList<string> Columns = ["panel", "series", "label", "x", "y", "low", "high", "width", "colour"];

    /// <summary>The number, as gnuplot counts them, of a column.</summary>
    public static int Number(string column)
    {
        for (var i = 0; i < Columns.Count; i++)
        {
            if (Columns[i] == column)
            {
                return i + 1;
            }
        }

        throw new ArgumentException($"no column '{column}'; the columns are {string.Join(", ", Columns)}", nameof(column));
    }

    /// <summary>Writes the figure's numbers; doubles in the shortest form that reads back to the same double.</summary>
    public static void Write(Figure figure, TextWriter writer)
    {
        using var csv = CsvWriter.Create(writer, new CsvWriterOptions { NewLine = "\n" }, leaveOpen: true);
        foreach (var column in Columns)
        {
            csv.WriteField(column);
        }

        csv.EndRecord();
        for (var p = 0; p < figure.Panels.Count; p++)
        {
            var panel = figure.Panels[p];
            for (var s = 0; s < panel.Series.Count; s++)
            {
                foreach (var point in panel.Series[s].Points)
                {
                    if (double.IsNaN(point.X))
                    {
                        csv.Flush();
                        writer.Write('\n');
                        continue;
                    }

                    csv.WriteField(p + 1);
                    csv.WriteField(s + 1);
                    csv.WriteField(panel.Series[s].Label);
                    foreach (var value in (ReadOnlySpan<double>)[point.X, point.Y, point.Low, point.High, point.Width, point.Colour])
                    {
                        csv.WriteField(double.IsFinite(value) ? value.ToString(CultureInfo.InvariantCulture) : string.Empty);
                    }

                    csv.EndRecord();
                }
            }
        }
    }
}
