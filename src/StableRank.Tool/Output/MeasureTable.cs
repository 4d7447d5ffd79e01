using StableRank.Tool.CommandLine;

namespace StableRank.Tool.Output;

/// <summary>The report of <c>measure</c> for people.</summary>
internal static class MeasureTable
{
    /// <summary>How many names a line lists before it says how many more there are.</summary>
    private const int NamesListed = 4;

    private static readonly string[] s_headers =
    [
        "shape", "stable\nrank", "x\nGaussian", "z", "phase", "particip.\nrank", "effective\nrank", "numerical\nrank", "spectral\nnorm",
        "Frobenius\nnorm",
    ];

    /// <param name="console">Where to.</param>
    /// <param name="tensors">The rows.</param>
    /// <param name="withFile">Whether a name alone would not say which file is meant.</param>
    public static void Write(CliConsole console, IReadOnlyList<MeasuredTensor> tensors, bool withFile)
    {
        if (tensors.Count == 0)
        {
            return;
        }

        var readout = new Readout("tensor", s_headers);
        foreach (var t in tensors)
        {
            readout.Add(
                Label(t, withFile),
                $"{t.Rows} x {t.Cols}",
                NumberFormat.Significant(t.StableRank),
                NumberFormat.Significant(t.RatioToGaussian, 4),
                NumberFormat.Fixed(t.ZScore, 2, signed: true),
                t.Phase ?? NumberFormat.None,
                NumberFormat.Significant(t.ParticipationRank),
                NumberFormat.Significant(t.EffectiveRank),
                t.NumericalRank?.ToString() ?? NumberFormat.None,
                NumberFormat.Significant(t.SpectralNorm),
                NumberFormat.Significant(t.FrobeniusNorm));
        }

        readout.Write(console);
    }

    /// <summary>What went wrong and, where no object lists it, what was skipped: on the error stream.</summary>
    public static void WriteProblems(CliConsole console, MeasureReport report, bool json)
    {
        foreach (var file in report.Failed)
        {
            console.WriteError("measure", file.Error);
        }

        foreach (var t in report.Tensors.Where(t => t.Error is not null))
        {
            console.WriteError("measure", $"{t.File}, tensor {Printable(t.Name)}: {t.Error}");
        }

        if (!json && report.Skipped.Count > 0)
        {
            var listed = Listed(report.Skipped.Select(s => $"{Printable(s.Name)} ({s.Reason})"));
            console.WriteNote($"skipped {report.Skipped.Count} without a stable rank: {listed}");
        }
    }

    /// <summary>The first few names, and how many more there are.</summary>
    public static string Listed(IEnumerable<string> names)
    {
        var all = names.ToArray();
        var shown = string.Join(", ", all.Take(NamesListed));
        return all.Length <= NamesListed ? shown : $"{shown} and {all.Length - NamesListed} more";
    }

    // A file of one tensor, .npy, names it after itself: the file says it all.
    private static string Label(MeasuredTensor t, bool withFile) => Printable(
        !withFile ? t.Name : Path.GetFileName(t.File).StartsWith(t.Name + ".", StringComparison.Ordinal) ? t.File : $"{t.File}: {t.Name}");

    // A name comes from a file, and what a terminal takes for a command is no name.
    private static string Printable(string name) =>
        name.Any(char.IsControl) ? string.Concat(name.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : name;
}
