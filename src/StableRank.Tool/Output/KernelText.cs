using StableRank.Tool.CommandLine;

namespace StableRank.Tool.Output;

/// <summary>What <c>ntk</c> and <c>nngp</c> tell people.</summary>
internal static class KernelText
{
    private const double Giga = 1e9;
    private const double Mega = 1e6;

    public static void Write(CliConsole console, KernelReport report)
    {
        var multipliers = report.Parameterization is { } eta ? $", {eta} parameterization" : "";
        var law = report.Weights is { } weights ? $"limit for {weights}" : $"weights of {report.Model}, {report.Dtype}";
        WriteWrapped(
            console,
            $"{report.Kernel}, {string.Join('-', report.Widths)}, {report.Activation}: {law}{multipliers}");
        if (report.Shape is { } shape)
        {
            var part = report.Output is { } output ? $" ({output}, {report.Route} route)" : "";
            WriteWrapped(
                console,
                $"{string.Join(" x ", shape)}{part}, entries from {NumberFormat.Significant(report.Least)} to "
                + $"{NumberFormat.Significant(report.Greatest)}, mean {NumberFormat.Significant(report.Mean)}; written to {report.Out} in "
                + $"{NumberFormat.Significant(report.Seconds, 3)} s");
        }

        if (report.RelativeSpread is { } spread)
        {
            WriteWrapped(
                console,
                $"relative spread of a network's kernel at these widths: about {NumberFormat.Significant(spread, 3)}, theory (5.5)");
        }

        if (report.Costs is { } costs)
        {
            var table = new Readout("route", "GFLOP", "kernel\nMB", "work\nMB");
            foreach (var cost in costs)
            {
                table.Add(
                    cost.Route,
                    NumberFormat.Significant(cost.Flops / Giga, 4),
                    NumberFormat.Significant(cost.KernelBytes / Mega, 4),
                    NumberFormat.Significant(cost.WorkBytes / Mega, 4));
            }

            table.Write(console);
        }

        foreach (var note in report.Notes)
        {
            console.WriteNote(note);
        }
    }

    private static void WriteWrapped(CliConsole console, string text)
    {
        foreach (var line in TextWrap.Wrap(text, console.Width))
        {
            console.Output.WriteLine(line);
        }
    }
}
