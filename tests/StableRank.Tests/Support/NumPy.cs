using System.ComponentModel;

namespace StableRank.Tests.Support;

/// <summary>Python with NumPy, the other side of the tests that compare with it.</summary>
internal static class NumPy
{
    public static readonly string[] Candidates = ["/usr/bin/python3", "python3"];

    private static readonly Lazy<string?> Found = new(() => Array.Find(Candidates, Imports));

    /// <summary>The interpreter; null where there is none.</summary>
    public static string? Python => Found.Value;

    /// <summary>Runs a script in a folder and returns what it printed; a script that fails fails the test.</summary>
    public static string Run(string script, string folder)
    {
        var run = Shell.Run(Python!, ["-c", script], folder);
        run.ExitCode.Should().Be(0, run.Output + run.Error);
        return run.Output.Trim();
    }

    private static bool Imports(string python)
    {
        try
        {
            return Shell.Run(python, ["-c", "import numpy"]).ExitCode == 0;
        }
        catch (Win32Exception)
        {
            // Not installed.
            return false;
        }
    }
}
