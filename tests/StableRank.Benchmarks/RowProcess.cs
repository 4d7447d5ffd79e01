using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using StableRank.LinearAlgebra;

namespace StableRank.Benchmarks;

/// <summary>Our side of a comparison in a process of its own, as the peer's is, so that both have their memory to themselves.</summary>
internal static class RowProcess
{
    /// <summary>The command of the benchmarks that serves a row.</summary>
    public const string Command = "row";

    /// <summary>Starts this program again to serve a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="folder">Where its inputs are.</param>
    /// <param name="threads">The threads that it may use; left out: ours.</param>
    public static TimedProcess Start(Comparison row, string folder, int? threads = null)
    {
        var program = Environment.ProcessPath!;
        string[] host = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Assembly.GetExecutingAssembly().Location] : [];
        var start = new ProcessStartInfo(program, [.. host, Command, row.Name, folder]);
        start.Environment["STABLERANK_THREADS"] = (threads ?? Backend.Threads).ToString(CultureInfo.InvariantCulture);
        return TimedProcess.Start(start);
    }

    /// <summary>Prepares a row and answers questions until there are no more.</summary>
    public static void Serve(Comparison row, string folder, TextReader input, TextWriter output)
    {
        Rates.WarmUp();
        var memory = new ProcessMemory();
        var run = row.Prepare(folder);
        output.WriteLine($"ready StableRank {typeof(Backend).Assembly.GetName().Version!.ToString(3)}");
        while (input.ReadLine() is { } question)
        {
            output.WriteLine(question == "memory" ? Text(memory.Mebibytes) : Time(run, row));
        }
    }

    private static string Time(Func<double> run, Comparison row)
    {
        var answer = double.NaN;
        var runs = 0;
        var start = Stopwatch.GetTimestamp();
        do
        {
            answer = run();
            runs++;
        }
        while (runs < row.Repeats || Stopwatch.GetElapsedTime(start).TotalSeconds < row.LeastSeconds);

        return $"{Text(Stopwatch.GetElapsedTime(start).TotalSeconds / runs)} {Text(answer)}";
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
