using System.Globalization;
using StableRank.Tool.CommandLine;

namespace StableRank.Tool.Output;

/// <summary>What <c>gradient-rank</c> tells people.</summary>
internal static class GradientRankText
{
    private const string Step = "  ";
    private const string Continued = "      ";

    /// <summary>A blank at which no line is broken, until it is printed.</summary>
    private const char NoBreak = '\u00a0';

    public static void Write(CliConsole console, GradientRankReport report, bool proof)
    {
        WriteWrapped(console, Heading(report));
        if (report.Model is null)
        {
            WriteBounds(console, report);
        }
        else
        {
            WriteMeasured(console, report);
        }

        foreach (var weight in proof ? report.Weights : [])
        {
            WriteProof(console, weight);
            console.Output.WriteLine();
        }

        foreach (var note in report.Notes)
        {
            console.WriteNote(note);
        }
    }

    private static string Heading(GradientRankReport report)
    {
        var data = report.DataRankSource switch
        {
            "shape" => "data of any rank",
            "given" => $"data of rank {report.DataRank}, as given",
            _ => $"data of rank {report.DataRank}, as measured",
        };
        var loss = report.Loss is { } name ? $"loss {name}" : "any loss";
        var rank = report.LossRank is { } r ? $" of rank {r}" : "";
        var steps = report.LossSteps is { } k ? $" of the last {Count(k, "step")}" : "";
        var measured = report.Model is { } model
            ? $"; measured in {report.Dtype} at {model}, loss {NumberFormat.Significant(report.LossValue)}"
            : "";
        return $"ranks of gradients: {Count(report.InputSize, "input")}, {Count(report.OutputSize, "output")}, batch {report.Batch}, "
            + $"{data}, {loss}{rank}{steps}{measured}";
    }

    private static void WriteBounds(CliConsole console, GradientRankReport report)
    {
        var table = new Readout("weight", "shape", "rank\nat most", "because of") { TextColumns = 1 };
        foreach (var weight in report.Weights)
        {
            table.Add(weight.Parameter, Shape(weight), Whole(weight.Bound), weight.CauseText);
        }

        table.Write(console);
    }

    private static void WriteMeasured(CliConsole console, GradientRankReport report)
    {
        string[] headers = ["shape", "rank\nat most", "rank", "rank\n(eps)", "stable\nrank", "particip.\nrank", "because of"];
        var table = new Readout("weight", headers) { TextColumns = 1 };
        foreach (var weight in report.Weights)
        {
            var measured = weight.Measured!;
            table.Add(
                weight.Parameter,
                Shape(weight),
                Whole(weight.Bound),
                Marked(measured.NumericalRank, measured.Exceeds),
                Marked(measured.MachineRank, measured.MachineExceeds),
                NumberFormat.Significant(measured.StableRank, 4),
                NumberFormat.Significant(measured.ParticipationRank, 4),
                weight.CauseText);
        }

        table.Write(console);
    }

    private static void WriteProof(CliConsole console, BoundedWeight weight)
    {
        WriteWrapped(console, $"{weight.Parameter}, {Shape(weight)}: rank of the gradient <= {weight.Bound}, {weight.CauseText}");
        foreach (var step in weight.Proof)
        {
            WriteWrapped(console, $"{step.Statement} [{step.Source.Replace(' ', NoBreak)}]", Step, Continued);
        }

        foreach (var form in weight.Printed)
        {
            WriteWrapped(
                console, $"printed: {form.Equation}: {form.Value}{(form.Sound ? "" : ", unsound")} ({form.Remark})", Step, Continued);
        }
    }

    private static void WriteWrapped(CliConsole console, string text, string first = "", string next = "")
    {
        var indent = first;
        foreach (var line in TextWrap.Wrap(text, console.Width - next.Length))
        {
            console.Output.WriteLine(indent + line.Replace(NoBreak, ' '));
            indent = next;
        }
    }

    private static string Marked(int rank, bool exceeds) => exceeds ? $"{Whole(rank)}!" : Whole(rank);

    private static string Shape(BoundedWeight weight) => $"{weight.Rows} x {weight.Columns}";

    private static string Count(int count, string what) => $"{Whole(count)} {what}{(count == 1 ? "" : "s")}";

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);
}
