using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace StableRank.Benchmarks;

/// <summary>
/// One side of a comparison in a warm process of its own. It says "ready VERSIONS" when its inputs are there; on a line "run" it runs once
/// and answers its seconds, by its own clock, and what the run came to; on "memory" the most memory that it took beyond its start, in
/// mebibytes.
/// </summary>
internal sealed class TimedProcess : IDisposable
{
    private const string Ready = "ready ";

    /// <summary>No answer takes longer; a process that does is ended.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The threads of OpenMP and OpenBLAS go on looking for work for up to 25 ms, on cores that the other process needs.
    /// </summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(50);

    private readonly Process process;
    private string lastError = "";

    private TimedProcess(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        try
        {
            process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");
        }
        catch (Win32Exception)
        {
            throw new InvalidOperationException($"{start.FileName} is not installed");
        }

        process.ErrorDataReceived += (_, line) => lastError = string.IsNullOrWhiteSpace(line.Data) ? lastError : line.Data.Trim();
        process.BeginErrorReadLine();
    }

    /// <summary>The versions that the process computes with, such as "numpy 1.24.2 scipy 1.10.1".</summary>
    public string Versions { get; private set; } = "";

    /// <summary>Starts a process and waits for its inputs.</summary>
    /// <exception cref="InvalidOperationException">It could not be started or ended; the message says why.</exception>
    public static TimedProcess Start(ProcessStartInfo start)
    {
        var started = new TimedProcess(start);
        try
        {
            var greeting = started.Answer();
            started.Versions = greeting.StartsWith(Ready, StringComparison.Ordinal)
                ? greeting[Ready.Length..]
                : throw new InvalidOperationException($"unexpected answer '{greeting}'");
            return started;
        }
        catch
        {
            started.Dispose();
            throw;
        }
    }

    /// <summary>A run after a pause in which the threads of another process, which was timed before, have gone to sleep.</summary>
    /// <inheritdoc cref="Run"/>
    public (double Seconds, double Answer) RunRested()
    {
        Thread.Sleep(Rest);
        return Run();
    }

    /// <summary>One run: its seconds, and what it came to or NaN.</summary>
    /// <exception cref="InvalidOperationException">The process ended, or took longer than the limit.</exception>
    public (double Seconds, double Answer) Run()
    {
        var answer = Ask("run").Split(' ');
        return (Parse(answer[0]), Parse(answer[1]));
    }

    /// <summary>Mebibytes beyond what the process took before its inputs were prepared; NaN where the system does not tell.</summary>
    /// <exception cref="InvalidOperationException">The process ended.</exception>
    public double Memory() => Parse(Ask("memory"));

    /// <summary>Ends the process.</summary>
    public void Dispose()
    {
        if (!process.HasExited)
        {
            try
            {
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // it has ended in the meantime
            }

            if (!process.WaitForExit(TimeSpan.FromSeconds(10)))
            {
                process.Kill();
                process.WaitForExit();
            }
        }

        process.Dispose();
    }

    private static double Parse(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private string Ask(string question)
    {
        try
        {
            process.StandardInput.WriteLine(question);
            process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // it has ended: the answer says how
        }

        return Answer();
    }

    private string Answer()
    {
        var line = process.StandardOutput.ReadLineAsync();
        if (!line.Wait(Limit))
        {
            process.Kill();
            throw new InvalidOperationException($"no answer within {Limit.TotalMinutes:F0} minutes");
        }

        if (line.Result is { } answer)
        {
            return answer;
        }

        process.WaitForExit();
        throw new InvalidOperationException(lastError.Length > 0 ? lastError : $"ended with status {process.ExitCode}");
    }
}
