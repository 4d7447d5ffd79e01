using System.Text.Json;
using StableRank.Tests.Support;
using StableRank.Tool;
using StableRank.Tool.Commands;

namespace StableRank.Tests.Tool;

/// <summary>The tool as a process of its own, where streams, signals and the environment are real.</summary>
public sealed class ToolProcessTests
{
    private static readonly string s_dotnet = Environment.ProcessPath!;
    private static readonly string s_tool = typeof(StableRankCli).Assembly.Location;

    [Fact]
    public void Sample_Redirected_WritesPlainJsonAndNothingElse()
    {
        var run = Run(["sample", "--rows", "9", "--cols", "7", "--stable-rank", "3.5", "--json"]);

        run.ExitCode.Should().Be(0, run.Error);
        run.Error.Should().BeEmpty();
        using var json = JsonDocument.Parse(run.Output);
        json.RootElement.GetProperty("stableRank").GetDouble().Should().BeApproximately(3.5, 3.5e-12);
    }

    [Fact]
    public void Process_WrongCommandLine_ExitsWithTwo() => Run(["sample", "--rows", "9"]).ExitCode.Should().Be(2);

    [Fact]
    public void Setup_Offline_ReportsWhatIsThere()
    {
        using var cache = new TemporaryFolder();
        var run = Run(["setup", "--json"], Cache(cache));

        run.ExitCode.Should().Be(0, run.Error);
        using var json = JsonDocument.Parse(run.Output);
        json.RootElement.GetProperty("cacheFolder").GetString().Should().Be(cache.Path);
        json.RootElement.GetProperty("mkl").GetBoolean().Should().BeFalse();
        run.Error.Should().Contain("setup: STABLERANK_OFFLINE=1 and no MKL in").And.NotContain("gnuplot", "the tool leaves it alone");

        var people = Run(["setup"], Cache(cache));
        people.Output.Should().Contain("setup: STABLERANK_OFFLINE=1").And.Contain("Intel MKL      missing");
    }

    [Fact]
    public void Setup_WithoutBash_SaysSo()
    {
        using var cache = new TemporaryFolder();
        var run = Run(["setup"], new Dictionary<string, string>(Cache(cache)) { ["PATH"] = cache.Path });

        run.ExitCode.Should().Be(1);
        run.Error.Should().Contain("needs bash");
    }

    [Fact]
    public void Setup_Script_IsTheRepositorysOwn()
    {
        using var reader = new StreamReader(SetupScript.Open());

        reader.ReadToEnd().Should().Be(File.ReadAllText(Path.Combine(Repository.Root, "eng", "setup.sh")));
    }

    // SIGINT as Ctrl-C sends it, in the middle of a run that would take minutes.
    [Fact]
    public void Process_Interrupted_EndsWith130AndNoOutput()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var run = Shell.Run("timeout", [
            "--preserve-status", "--signal=INT", "2", s_dotnet, s_tool,
            "propagate", "--widths", "256,256x30", "--stable-rank", "16", "--samples", "1000000", "--json",
        ]);

        run.ExitCode.Should().Be(130, run.Error);
        run.Output.Should().BeEmpty();
    }

    private static Dictionary<string, string> Cache(TemporaryFolder cache) =>
        new() { ["STABLERANK_CACHE"] = cache.Path, ["STABLERANK_OFFLINE"] = "1", ["DOTNET_ROOT"] = Path.GetDirectoryName(s_dotnet)! };

    private static (int ExitCode, string Output, string Error) Run(string[] arguments, Dictionary<string, string>? environment = null) =>
        Shell.Run(s_dotnet, [s_tool, .. arguments], environment: environment);
}
