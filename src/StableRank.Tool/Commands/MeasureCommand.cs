using System.CommandLine;
using System.IO.Enumeration;
using StableRank.Data;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary><c>stablerank measure</c>: the ranks and norms of every matrix in files.</summary>
internal static class MeasureCommand
{
    /// <summary>How many names a line lists before it says how many more there are.</summary>
    private const int NamesListed = 4;

    private static readonly string[] s_headers =
    [
        "shape", "stable\nrank", "x\nGaussian", "particip.\nrank", "effective\nrank", "numerical\nrank", "spectral\nnorm",
        "Frobenius\nnorm",
    ];

    public static Command Create(CliConsole console)
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "The .npy and .npz files to measure.",
            Arity = ArgumentArity.OneOrMore,
        };
        var tensor = new Option<string?>("--tensor")
        {
            HelpName = "GLOB",
            Description = "Measure the tensors of this name alone; * stands for any characters, ? for one. [default: all]",
        };
        var json = CommonOptions.Json();
        var command = new ToolCommand(
            "measure",
            "Measure the ranks and norms of every matrix in files.",
            "Kernels of more than two dimensions count as matrices out x rest; vectors and scalars are skipped. Singular values are "
                + "computed in double precision; the numerical rank counts those above max(rows, cols) eps s1 with the eps of the file's "
                + "own precision.\n"
                + "'x Gaussian' is the stable rank over m n / (sqrt m + sqrt n)^2, that of independent Gaussian entries.\n"
                + "A tensor of zeros alone, or with NaN or infinity, is named with the reason, the others are measured, and the exit code "
                + "is 1.",
            ["stablerank measure W.npy", "stablerank measure model.npz --tensor '*weight' --json"])
        {
            files,
            tensor,
            json,
        };
        // The parser takes any word for a file; one that looks like an option is a slip, and ./-name is at hand where it is not.
        files.Validators.Add(result =>
        {
            if (result.Tokens.Select(t => StableRankCli.UnknownOption(command, t.Value)).FirstOrDefault(m => m is not null) is { } message)
            {
                result.AddError(message);
            }
        });
        command.SetWork(console, (arguments, cancellation) => Run(
            console, arguments.GetRequiredValue(files), arguments.GetValue(tensor), arguments.GetValue(json), cancellation));
        return command;
    }

    private static int Run(CliConsole console, string[] files, string? glob, bool json, CancellationToken cancellation)
    {
        foreach (var file in files)
        {
            Resolve.RequireTensorFile(file);
        }

        var (entries, failed) = List(files);
        var chosen = entries.Where(e => glob is null || FileSystemName.MatchesSimpleExpression(glob, e.Name, ignoreCase: false)).ToList();
        if (chosen.Count == 0 && failed.Count == 0)
        {
            throw new FailureException(entries.Count == 0
                ? $"{string.Join(", ", files)}: no tensors inside"
                : $"no tensor is named {glob}; there are {Listed(entries.Select(e => e.Name))}");
        }

        var (tensors, skipped) = console.WithProgress("measuring", progress => Measure(chosen, progress, cancellation));
        var report = new MeasureReport(tensors, skipped, failed, tensors.Count == 0 ? null : BackendNames.Current);
        if (json)
        {
            JsonOutput.Write(console, report, JsonOutput.Default.MeasureReport);
        }
        else
        {
            Write(console, report, withFile: files.Length > 1);
        }

        WriteProblems(console, report, json);
        return failed.Count > 0 || tensors.Any(t => t.Error is not null) ? ExitCode.Failed : ExitCode.Done;
    }

    private static (List<TensorEntry> Entries, List<FailedFile> Failed) List(string[] files)
    {
        var entries = new List<TensorEntry>();
        var failed = new List<FailedFile>();
        foreach (var file in files)
        {
            try
            {
                entries.AddRange(TensorFile.List(file));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failed.Add(new FailedFile(file, Messages.Of(e)));
            }
        }

        return (entries, failed);
    }

    private static (List<MeasuredTensor> Tensors, List<SkippedTensor> Skipped) Measure(
        List<TensorEntry> entries, Action<double> progress, CancellationToken cancellation)
    {
        var tensors = new List<MeasuredTensor>();
        var skipped = new List<SkippedTensor>();
        var total = entries.Sum(TensorMeasurement.Cost);
        var done = 0.0;
        foreach (var entry in entries)
        {
            cancellation.ThrowIfCancellationRequested();
            if (TensorMeasurement.ReasonToSkip(entry) is { } reason)
            {
                skipped.Add(new SkippedTensor(entry.Name, entry.File, entry.Shape, reason));
            }
            else
            {
                tensors.Add(TensorMeasurement.Of(entry));
            }

            done += TensorMeasurement.Cost(entry);
            progress(done / total);
        }

        return (tensors, skipped);
    }

    private static void Write(CliConsole console, MeasureReport report, bool withFile)
    {
        if (report.Tensors.Count == 0)
        {
            return;
        }

        var readout = new Readout("tensor", s_headers);
        foreach (var t in report.Tensors)
        {
            readout.Add(
                Label(t, withFile),
                $"{t.Rows} x {t.Cols}",
                NumberFormat.Significant(t.StableRank),
                NumberFormat.Significant(t.RatioToGaussian, 4),
                NumberFormat.Significant(t.ParticipationRank),
                NumberFormat.Significant(t.EffectiveRank),
                t.NumericalRank?.ToString() ?? NumberFormat.None,
                NumberFormat.Significant(t.SpectralNorm),
                NumberFormat.Significant(t.FrobeniusNorm));
        }

        readout.Write(console);
    }

    // A file of one tensor, .npy, names it after itself: the file says it all.
    private static string Label(MeasuredTensor t, bool withFile) =>
        !withFile ? t.Name : t.Name == Path.GetFileNameWithoutExtension(t.File) ? t.File : $"{t.File}: {t.Name}";

    private static void WriteProblems(CliConsole console, MeasureReport report, bool json)
    {
        foreach (var file in report.Failed)
        {
            console.WriteError("measure", file.Error);
        }

        foreach (var t in report.Tensors.Where(t => t.Error is not null))
        {
            console.WriteError("measure", $"{t.File}, tensor {t.Name}: {t.Error}");
        }

        // Under --json the object lists them all.
        if (!json && report.Skipped.Count > 0)
        {
            var listed = Listed(report.Skipped.Select(s => $"{s.Name} ({s.Reason})"));
            console.WriteNote($"skipped {report.Skipped.Count} without a stable rank: {listed}");
        }
    }

    private static string Listed(IEnumerable<string> names)
    {
        var all = names.ToArray();
        var shown = string.Join(", ", all.Take(NamesListed));
        return all.Length <= NamesListed ? shown : $"{shown} and {all.Length - NamesListed} more";
    }
}
