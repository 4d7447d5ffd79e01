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
        string[] options = [.. arguments.Where(argument => argument.StartsWith('-'))], words = [.. arguments.Except(options)];
        if (words.Length > 1 || options.Except([OnceOption]).Any())
        {
            Console.Error.WriteLine($"bench: unknown '{string.Join(' ', arguments)}'; expected scaling [WORD] [{OnceOption}]");
            return 2;
        }

        var series = ScalingRows.All()
            .Where(one => words.Length == 0 || one.Task.Contains(words[0], StringComparison.OrdinalIgnoreCase)).ToArray();
        if (series.Length == 0)
        {
            Console.Error.WriteLine($"bench: no scaling task's name contains '{words[0]}'");
            return 1;
        }

        Console.Out.Write(Section(series, options.Contains(OnceOption)));
        return 0;
    }

    /// <summary>The section of the page.</summary>
    public static string Section(IReadOnlyList<ScalingSeries> series, bool once = false) =>
        ScalingReport.Section(new ScalingRun(once).Measure(series), StartUp.Measure(once));
}
