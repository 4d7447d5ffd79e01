using System.Diagnostics;
using StableRank.Randomness;
using StableRank.Tests.Support;
using StableRank.TrainingProcess;

namespace StableRank.Tests.Training;

/// <summary>A process that trains is killed with SIGKILL again and again, and resumed until it is done.</summary>
public sealed class KilledRunTests
{
    private const int Kills = 20;
    private static readonly string s_dotnet = Environment.ProcessPath!;
    private static readonly string s_program = typeof(Announcement).Assembly.Location;

    [Fact]
    public void Run_KilledTwentyTimesAndResumed_EndsWithTheSameBits()
    {
        var random = new RandomStream(20);
        var (kills, resumedSteps) = (0, new List<int>());
        foreach (var precision in new[] { "double", "single" })
        {
            using var straight = new TemporaryFolder();
            RunToEnd(precision, straight.Path);
            for (var share = kills + (Kills / 2); kills < share;)
            {
                // a run that is done before its share of kills is used up is compared, and another one begins
                using var broken = new TemporaryFolder();
                while (kills < share && Kill(precision, broken.Path, random, kills % 5 == 4, resumedSteps))
                {
                    kills++;
                }

                RunToEnd(precision, broken.Path);
                File.ReadAllBytes(broken.File("final.bin")).Should().Equal(File.ReadAllBytes(straight.File("final.bin")));
                Directory.GetFiles(broken.Path, ".stablerank-*").Should().BeEmpty("what a kill leaves half written is removed");
            }
        }

        kills.Should().Be(Kills);
        resumedSteps.Distinct().Should().HaveCountGreaterThan(Kills / 3, "runs were killed in their midst and continued from there");
    }

    /// <summary>
    /// Starts or resumes the run and kills it, at a random moment of its start or a random moment after its first checkpoint; false where
    /// it ended before.
    /// </summary>
    private static bool Kill(string precision, string folder, RandomStream random, bool atStart, List<int> resumedSteps)
    {
        using var process = Start(precision, folder);
        if (atStart)
        {
            Thread.Sleep((int)(random.NextDouble() * 300));
        }
        else if (process.StandardOutput.ReadLine() is { } line)
        {
            resumedSteps.Add(int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture));
            // busy, because a sleep ends at whole milliseconds
            var (moment, clock) = (random.NextDouble() * 80, Stopwatch.StartNew());
            while (clock.Elapsed.TotalMilliseconds < moment)
            {
                Thread.SpinWait(20);
            }
        }

        process.Kill();
        process.WaitForExit();
        process.ExitCode.Should().BeOneOf(0, 137);
        return process.ExitCode == 137;
    }

    private static void RunToEnd(string precision, string folder)
    {
        using var process = Start(precision, folder);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.Should().Be(0, output);
    }

    private static Process Start(string precision, string folder) =>
        Process.Start(new ProcessStartInfo(s_dotnet, [s_program, precision, folder]) { RedirectStandardOutput = true })
        ?? throw new InvalidOperationException($"{s_dotnet} did not start");
}
