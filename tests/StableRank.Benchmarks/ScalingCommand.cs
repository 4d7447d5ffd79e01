namespace StableRank.Benchmarks;

/// <summary>The command "scaling [WORD] [--once]": the section on the screen; the page has it from <see cref="PeerCommand"/>.</summary>
internal static class ScalingCommand
{
    private const string OnceOption = "--once";

    /// <summary>Measures and prints.</summary>
    /// <param name="arguments">A word of the tasks wanted, --once to try them only.</param>
    /// <returns>0; 1 where no task has the word; 2 for arguments that are unknown.</returns>
    public static int Run(string[] arguments)
    {
        if (SuiteArguments.Parse("scaling", arguments, OnceOption) is not { } wanted)
        {
            return 2;
        }

        var series = wanted.Pick(ScalingRows.All(), one => one.Task);
        if (series.Length == 0)
        {
            return 1;
        }

        Console.Out.Write(Section(series, wanted.Has(OnceOption)));
        return 0;
    }

    /// <summary>The section of the page.</summary>
    public static string Section(IReadOnlyList<ScalingSeries> series, bool once = false) =>
        ScalingReport.Section(new ScalingRun(once).Measure(series), StartUp.Measure(once));
}
