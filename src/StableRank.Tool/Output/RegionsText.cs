using StableRank.Tool.CommandLine;

namespace StableRank.Tool.Output;

/// <summary>What <c>regions</c> tells people.</summary>
internal static class RegionsText
{
    public static void Write(CliConsole console, RegionsReport report)
    {
        var extent = report.Length is { } length
            ? $"segment of length {NumberFormat.Significant(length)}, "
                + $"narrowest region {NumberFormat.Significant(report.Narrowest, 3)} of it"
            : $"{report.Domain} of area {NumberFormat.Significant(report.Area)}, "
                + $"regions of area {NumberFormat.Significant(report.LeastArea, 3)} "
                + $"to {NumberFormat.Significant(report.GreatestArea, 3)}";
        string[] lines =
        [
            $"{report.Model}, {string.Join('-', report.Widths)}, {report.Activation}: {extent}",
            $"{report.Regions} linear regions, {report.FunctionPieces} pieces of the function, in "
                + $"{NumberFormat.Significant(report.Seconds, 3)} s{(report.Out is { } file ? $"; drawn in {file}" : "")}",
            $"after each layer: {string.Join(", ", report.RegionsByLayer)}",
        ];
        foreach (var line in lines.SelectMany(line => TextWrap.Wrap(line, console.Width)))
        {
            console.Output.WriteLine(line);
        }

        foreach (var note in report.Notes)
        {
            console.WriteNote(note);
        }
    }
}
