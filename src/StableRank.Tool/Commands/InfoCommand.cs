using System.CommandLine;
using System.Runtime.InteropServices;
using StableRank.LinearAlgebra;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary><c>stablerank info</c>: which backend computes, and how fast.</summary>
internal static class InfoCommand
{
    public static Command Create(CliConsole console)
    {
        var json = CommonOptions.Json();
        var command = new ToolCommand(
            "info",
            "Tell which linear-algebra backend computes, and measure its rate.",
            "The rate is that of products of two square matrices, the best of the repetitions that fit in a second.\n"
                + "STABLERANK_BACKEND=auto|mkl|openblas|managed chooses the backend, STABLERANK_THREADS the number of its threads.",
            ["stablerank info", "STABLERANK_BACKEND=managed stablerank info --json"])
        {
            json,
        };
        command.SetWork(console, (arguments, cancellation) => Run(console, arguments.GetValue(json), cancellation));
        return command;
    }

    private static int Run(CliConsole console, bool json, CancellationToken cancellation)
    {
        var backend = Backend.Describe();
        var (size, gemmDouble, gemmSingle) = console.WithProgress("timing matrix products", _ => Measure(cancellation));
        var report = new InfoReport(
            VersionAction.Version,
            BackendNames.Of(backend.Kind),
            backend.Name,
            backend.Version,
            backend.Threads,
            backend.LibraryPath,
            size,
            gemmDouble,
            gemmSingle,
            Backend.CacheFolder,
            $"{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}, {Environment.ProcessorCount} logical processors",
            RuntimeInformation.FrameworkDescription,
            backend.Notes);
        if (json)
        {
            JsonOutput.Write(console, report, JsonOutput.Default.InfoReport);
        }
        else
        {
            Write(console, report);
        }

        return ExitCode.Done;
    }

    private static (int Size, double Double, double Single) Measure(CancellationToken cancellation)
    {
        var size = GemmRate.ChooseSize();
        cancellation.ThrowIfCancellationRequested();
        var inDouble = GemmRate.Measure<double>(size, TimeSpan.FromSeconds(0.5), cancellation);
        return (size, inDouble, GemmRate.Measure<float>(size, TimeSpan.FromSeconds(0.4), cancellation));
    }

    private static void Write(CliConsole console, InfoReport report)
    {
        var output = console.Output;
        output.WriteLine($"stablerank    {report.Version}");
        output.WriteLine($"backend       {report.BackendName}");
        output.WriteLine($"version       {report.BackendVersion}");
        output.WriteLine($"library       {report.LibraryPath ?? "none: managed code"}");
        output.WriteLine($"threads       {report.Threads}");
        output.WriteLine($"GEMM rate     {NumberFormat.Significant(report.GemmGigaflopsDouble, 3)} GFLOP/s double, "
            + $"{NumberFormat.Significant(report.GemmGigaflopsSingle, 3)} GFLOP/s single ({report.GemmSize} x {report.GemmSize})");
        output.WriteLine($"cache folder  {report.CacheFolder}");
        output.WriteLine($"machine       {report.Processor}, {report.Runtime}");
        foreach (var note in report.Notes)
        {
            output.WriteLine($"note          {note}");
        }
    }
}
