using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace StableRank.Benchmarks;

/// <summary>The section "Where the time goes" of the page, and the command "parts [WORD]", which prints it.</summary>
internal static class PartsReport
{
    private const int Rounds = 5;

    private const string Reading = """
        The tasks that stay furthest from their targets, in parts: each in a loop of its own, ours alone, the median of five rounds. A part
        by itself finds its data in cache and the threads awake, so that parts come to less than the whole; what they leave is the last
        line. Of products the rate is given as well: where a library's products alone take most of the time, no program on top of it can be
        much faster.
        """;

    /// <summary>How long a round of one part goes on.</summary>
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(150);

    /// <summary>And before them: compiled code becomes final half a second on.</summary>
    private static readonly TimeSpan Warm = TimeSpan.FromMilliseconds(700);

    /// <summary>Prints the section; a word of the tasks wanted, or nothing for all.</summary>
    /// <returns>0; 1 where no task has the word; 2 for arguments that are unknown.</returns>
    public static int Run(string[] arguments)
    {
        if (SuiteArguments.Parse("parts", arguments) is not { } wanted)
        {
            return 2;
        }

        var tasks = wanted.Pick(PartsRows.All(), task => task.Name);
        if (tasks.Length == 0)
        {
            return 1;
        }

        Console.Out.Write(Section(tasks));
        return 0;
    }

    /// <summary>The section of the page.</summary>
    public static string Section(IEnumerable<PartsTask> tasks)
    {
        var text = new StringBuilder("## Where the time goes\n\n").Append(Reading).Append("\n\n");
        text.Append("| task | part | ms | share | GFLOP/s |\n|---|---|---|---|---|\n");
        foreach (var task in tasks)
        {
            Console.Error.WriteLine($"bench: parts of {task.Name}");
            var (whole, parts) = task.Prepare();
            double[] times = Measure([whole, .. parts.Select(part => part.Run)]);
            Line(text, task.Name, "whole", times[0], times[0], null);
            for (var p = 0; p < parts.Length; p++)
            {
                Line(text, "", parts[p].Name, times[p + 1], times[0], parts[p].Flops);
            }

            Line(text, "", "what the parts leave", times[0] - times[1..].Sum(), times[0], null);
        }

        return text.ToString();
    }

    /// <summary>The seconds of each action, in turn, so that a busy time of the machine meets all.</summary>
    private static double[] Measure(Action[] actions)
    {
        var rounds = actions.Select(_ => new double[Rounds]).ToArray();
        foreach (var action in actions)
        {
            Loop(action, Warm);
        }

        for (var round = 0; round < Rounds; round++)
        {
            for (var a = 0; a < actions.Length; a++)
            {
                rounds[a][round] = Loop(actions[a], Round);
            }
        }

        return [.. rounds.Select(Statistics.Median)];
    }

    private static double Loop(Action action, TimeSpan least)
    {
        var runs = 0;
        var start = Stopwatch.GetTimestamp();
        do
        {
            action();
            runs++;
        }
        while (Stopwatch.GetElapsedTime(start) < least);

        return Stopwatch.GetElapsedTime(start).TotalSeconds / runs;
    }

    private static void Line(StringBuilder text, string task, string part, double seconds, double whole, double? flops)
    {
        var rate = flops is { } count ? (count / seconds / 1e9).ToString("F0", CultureInfo.InvariantCulture) : "–";
        text.Append(CultureInfo.InvariantCulture, $"| {task} | {part} | {seconds * 1e3:G3} | {100 * seconds / whole:F0} % | {rate} |\n");
    }
}
