using System.ComponentModel;
using System.Diagnostics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Randomness;

namespace StableRank.Benchmarks;

/// <summary>How long a command of the tool takes as a whole process, from its start to its end.</summary>
/// <param name="Command">What was typed.</param>
/// <param name="Timing">The runs.</param>
/// <param name="Target">The seconds that it may take.</param>
internal sealed record StartUp(string Command, Timing Timing, double Target)
{
    private const int Warm = 2, Runs = 9, Size = 64;
    private const double HelpTarget = 0.150, MeasureTarget = 0.300;

    /// <summary>Times the commands; files lie in the system's cache.</summary>
    /// <param name="once">One run of each, and none before it.</param>
    public static IReadOnlyList<StartUp> Measure(bool once)
    {
        var folder = Directory.CreateTempSubdirectory("stablerank-bench-");
        try
        {
            var file = Path.Combine(folder.FullName, "W.npy");
            var values = new double[Size * Size];
            new RandomStream(1).FillGaussian<double>(values);
            NpyArray.Write(file, Matrix<double>.Build.Dense(Size, Size, values));
            return
            [
                Measure("stablerank --help", ["--help"], HelpTarget, once),
                Measure($"stablerank measure, one .npy of {Size} x {Size}", ["measure", file], MeasureTarget, once),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static StartUp Measure(string command, string[] arguments, double target, bool once)
    {
        try
        {
            for (var run = 0; !once && run < Warm; run++)
            {
                Time(arguments);
            }

            double[] seconds = [.. Enumerable.Range(0, once ? 1 : Runs).Select(_ => Time(arguments))];
            return new StartUp(command, new Timing("ours", seconds, double.NaN, ""), target);
        }
        catch (InvalidOperationException e)
        {
            return new StartUp(command, new Timing("ours", [], double.NaN, "", e.Message), target);
        }
    }

    private static double Time(string[] arguments)
    {
        var tool = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "StableRank.Tool.exe" : "StableRank.Tool");
        var info = new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var start = Stopwatch.GetTimestamp();
        try
        {
            using var process = Process.Start(info) ?? throw new InvalidOperationException($"{tool} did not start");
            var errors = process.StandardError.ReadToEndAsync();
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            return process.ExitCode == 0
                ? seconds
                : throw new InvalidOperationException($"{tool} ended with status {process.ExitCode}: {errors.Result.Trim()}");
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"{tool} did not start: {e.Message}");
        }
    }
}
