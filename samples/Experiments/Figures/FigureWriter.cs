using System.Text;

namespace StableRank.Experiments.Figures;

/// <summary>Writes a figure's files: CSV and script always, SVG and PNG where gnuplot runs.</summary>
internal sealed class FigureWriter(Gnuplot gnuplot)
{
    private static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes NAME.csv and NAME.gp into the folder and has gnuplot draw NAME.svg and NAME.png.</summary>
    /// <returns>Null when all four were written, otherwise a line saying why there is no picture.</returns>
    /// <exception cref="ArgumentException">The figure's name is no plain file name; or it has no panel, or a panel no series.</exception>
    public string? Write(Figure figure, string folder)
    {
        if (figure.Name.Length == 0 || !figure.Name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            throw new ArgumentException($"'{figure.Name}' names no figure: expected a-z, 0-9 and hyphens", nameof(figure));
        }

        if (figure.Panels.Count == 0 || figure.Panels.Any(panel => panel.Series.Count == 0))
        {
            throw new ArgumentException($"figure '{figure.Name}' has nothing to draw: every panel needs a series", nameof(figure));
        }

        using (var writer = new StreamWriter(Path.Combine(folder, figure.Name + ".csv"), append: false, Utf8))
        {
            FigureCsv.Write(figure, writer);
        }

        File.WriteAllText(Path.Combine(folder, figure.Name + ".gp"), GnuplotScript.Of(figure), Utf8);
        return gnuplot.Run(folder, figure.Name + ".gp");
    }
}
