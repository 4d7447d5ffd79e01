using System.CommandLine;
using System.IO.Enumeration;
using StableRank.Data;
using StableRank.LinearAlgebra;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary><c>stablerank measure</c>: the ranks and norms of every matrix in files.</summary>
internal static class MeasureCommand
{
    private const string DefaultOrder = "file";

    private static readonly Dictionary<string, MeasureOrder> s_orders = new(StringComparer.Ordinal)
    {
        [DefaultOrder] = MeasureOrder.File,
        ["name"] = MeasureOrder.Name,
        ["stable-rank"] = MeasureOrder.StableRank,
        ["ratio"] = MeasureOrder.Ratio,
        ["z"] = MeasureOrder.Z,
        ["size"] = MeasureOrder.Size,
    };

    private sealed record Request(string[] Files, string[] Globs, int MinSize, MeasureOrder Order, string? Csv, bool Json);

    public static Command Create(CliConsole console)
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "The files to measure: .npy, .npz, .safetensors, .csv or IDX, the last two packed or not; of a model in several "
                + "files the folder or the .safetensors.index.json.",
            Arity = ArgumentArity.OneOrMore,
        };
        var tensor = new Option<string[]>("--tensor")
        {
            HelpName = "GLOB",
            Description = "Measure the tensors of this name alone; * stands for any characters, ? for one. May be given several times. "
                + "[default: all]",
        };
        var minSize = new Option<int>("--min-size")
        {
            HelpName = "K",
            Description = "Measure the matrices alone that have at least K entries.",
            CustomParser = ArgumentParsers.PositiveInteger,
            DefaultValueFactory = _ => 1,
        };
        var sort = new Option<string>("--sort")
        {
            HelpName = "KEY",
            Description = $"Sort the rows by {string.Join(", ", s_orders.Keys)}; numbers with the greatest first.",
            CustomParser = ArgumentParsers.OneOf([.. s_orders.Keys]),
            DefaultValueFactory = _ => DefaultOrder,
        };
        var csv = new Option<string?>("--csv")
        {
            HelpName = "T.csv",
            Description = "Write the rows into a CSV file too, in full precision; replaced whole or not at all.",
        };
        var json = CommonOptions.Json();
        var command = new ToolCommand(
            "measure",
            "Measure the ranks and norms of every matrix in files.",
            "Kernels of more than two dimensions count as matrices out x rest, embeddings as they are; vectors (biases, scales of norms) "
                + "and scalars are skipped. Singular values are computed in double precision; the numerical rank counts those above "
                + "max(rows, cols) eps s1 with the eps of the file's own precision (of single for bf16).\n"
                + "'x Gaussian' is the stable rank over m n / (sqrt m + sqrt n)^2, that of large matrices of independent Gaussian entries; "
                + "'z' its distance from the mean over Gaussian matrices of that very shape in standard deviations (Monte Carlo); 'phase' "
                + "how a Gaussian matrix with that stable rank would come by it: pulled (one singular value above the bulk), squeezed (the "
                + "bulk pressed against the greatest) or gapped (and detached from zero).\n"
                + "Each thread has one tensor in memory, 8 bytes an entry, all together within a quarter of the machine's memory; what is "
                + "larger is measured by itself.\n"
                + "A tensor of zeros alone, or with NaN or infinity, is named with the reason, the others are measured, and the exit code "
                + "is 1.",
            [
                "stablerank measure W.npy",
                "stablerank measure model.safetensors --sort stable-rank --min-size 4096 --csv ranks.csv",
                "stablerank measure model.npz --tensor '*weight' --json",
            ])
        {
            files,
            tensor,
            minSize,
            sort,
            csv,
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
            console,
            new Request(
                arguments.GetRequiredValue(files),
                arguments.GetValue(tensor) ?? [],
                arguments.GetValue(minSize),
                s_orders[arguments.GetValue(sort) ?? DefaultOrder],
                arguments.GetValue(csv),
                arguments.GetValue(json)),
            cancellation));
        return command;
    }

    private static int Run(CliConsole console, Request request, CancellationToken cancellation)
    {
        foreach (var file in request.Files)
        {
            Resolve.RequireTensorFile(file);
        }

        Resolve.RequireFolderOf(request.Csv, "--csv");
        var (entries, failed) = List(request.Files);
        var chosen = Choose(entries, request);
        if (chosen.Count == 0 && failed.Count == 0)
        {
            throw NothingChosen(entries, request);
        }

        var skipped = new List<SkippedTensor>();
        var matrices = new List<TensorEntry>();
        foreach (var entry in chosen)
        {
            if (TensorMeasurement.ReasonToSkip(entry) is { } reason)
            {
                skipped.Add(new SkippedTensor(entry.Name, entry.File, entry.Shape, reason));
            }
            else
            {
                matrices.Add(entry);
            }
        }

        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var tensors = console.WithProgress(
            "measuring", progress => new MeasureRun(matrices, Backend.Threads, memory, progress).Execute(cancellation));
        tensors = console.WithProgress("Gaussian laws", progress => GaussianPlace.AddTo(tensors, progress, cancellation));
        tensors = Sorted(tensors, request.Order);
        var report = new MeasureReport(tensors, skipped, failed, tensors.Count == 0 ? null : BackendNames.Current);
        if (request.Json)
        {
            JsonOutput.Write(console, report, JsonOutput.Default.MeasureReport);
        }
        else
        {
            MeasureTable.Write(console, tensors, withFile: tensors.Select(t => t.File).Distinct().Count() > 1);
        }

        if (request.Csv is not null)
        {
            MeasureCsv.Write(request.Csv, tensors);
        }

        MeasureTable.WriteProblems(console, report, request.Json);
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

    /// <summary>What --tensor and --min-size leave; the latter takes out matrices alone, so that what is skipped is still told.</summary>
    private static List<TensorEntry> Choose(List<TensorEntry> entries, Request request) => entries
        .Where(e => request.Globs.Length == 0
            || request.Globs.Any(glob => FileSystemName.MatchesSimpleExpression(glob, e.Name, ignoreCase: false)))
        .Where(e => TensorMeasurement.ReasonToSkip(e) is not null || (double)e.Rows * e.Columns >= request.MinSize)
        .ToList();

    private static FailureException NothingChosen(List<TensorEntry> entries, Request request)
    {
        if (entries.Count == 0)
        {
            return new FailureException($"{string.Join(", ", request.Files)}: no tensors inside");
        }

        var size = request.MinSize > 1 ? $" with at least {request.MinSize} entries" : "";
        var name = request.Globs.Length > 0 ? $" named {string.Join(" or ", request.Globs)}" : "";
        return new FailureException($"no tensor{name}{size}; there are {MeasureTable.Listed(entries.Select(e => e.Name))}");
    }

    // OrderBy keeps the order of the files among equals; what could not be measured comes last.
    private static IReadOnlyList<MeasuredTensor> Sorted(IReadOnlyList<MeasuredTensor> tensors, MeasureOrder order) => order switch
    {
        MeasureOrder.File => tensors,
        MeasureOrder.Name => [.. tensors.OrderBy(t => t.Name, StringComparer.Ordinal)],
        MeasureOrder.StableRank => [.. tensors.OrderByDescending(t => t.StableRank ?? double.NegativeInfinity)],
        MeasureOrder.Ratio => [.. tensors.OrderByDescending(t => t.RatioToGaussian ?? double.NegativeInfinity)],
        MeasureOrder.Z => [.. tensors.OrderByDescending(t => t.ZScore ?? double.NegativeInfinity)],
        MeasureOrder.Size => [.. tensors.OrderByDescending(t => t.Size)],
        _ => throw new ArgumentOutOfRangeException(nameof(order), order, "not an order"),
    };
}
