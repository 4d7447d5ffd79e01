using System.ComponentModel;
using System.Diagnostics;

namespace StableRank.Experiments.Figures;

/// <summary>The gnuplot program, where there is one.</summary>
internal sealed class Gnuplot
{
    /// <summary>The environment variable that names another executable than the <c>gnuplot</c> of the search path.</summary>
    public const string Variable = "STABLERANK_GNUPLOT";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly string _executable;

    /// <summary>Finds gnuplot: the executable given, else that of <see cref="Variable"/>, else the one of the search path.</summary>
    public Gnuplot(string? executable = null)
    {
        _executable = executable ?? (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : "gnuplot");
    }

    /// <summary>Runs a script in its folder.</summary>
    /// <returns>Null when it drew, otherwise a line saying why it did not.</returns>
    public string? Run(string folder, string script)
    {
        var start = new ProcessStartInfo(_executable)
        {
            WorkingDirectory = folder,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        start.ArgumentList.Add(script);
        try
        {
            using var process = Process.Start(start)
                ?? throw new InvalidOperationException($"'{_executable}' did not start");
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
                return $"gnuplot did not finish {script} in {Patience.TotalSeconds:0} s";
            }

            process.WaitForExit();
            var message = (errors.Result + output.Result).Trim();
            return process.ExitCode == 0 && message.Length == 0 ? null : $"gnuplot on {script} (exit code {process.ExitCode}): {message}";
        }
        catch (Win32Exception)
        {
            return $"gnuplot was not found ('{_executable}'): figures are written as CSV and .gp only. Debian: apt-get install gnuplot-nox";
        }
    }
}
