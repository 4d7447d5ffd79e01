using System.Runtime.Loader;
using StableRank.Tool;

namespace StableRank.Tests.Tool;

public sealed class HelpTests
{
    [Theory]
    [InlineData("info")]
    [InlineData("sample")]
    [InlineData("measure")]
    [InlineData("propagate")]
    [InlineData("ntk")]
    [InlineData("nngp")]
    [InlineData("jacobian")]
    [InlineData("train")]
    [InlineData("gradient-rank")]
    [InlineData("regions")]
    [InlineData("setup")]
    public void Help_OfEveryCommand_ShowsOptionsDefaultsAndExample(string command)
    {
        var run = ToolRun.Done($"{command} --help");

        run.Error.Should().BeEmpty();
        run.Output.Should().Contain("--json").And.Contain($"\n  stablerank {command}").And.Contain("Exit codes: 0 done, 1 failed, 2 wrong");
        ToolRun.Done("--help").Output.Should().Contain($"\n  stablerank {command}");
    }

    [Theory]
    [InlineData("sample", "[default: flat]", "[default: spectral:1]", "[default: f64]", "[default: 0]")]
    [InlineData("sample", "flat, spike, power-law, exponential, linear or tempered", "spectral:S", "frobenius:F", "leaky-relu:A")]
    [InlineData("propagate", "[default: relu]", "[default: 100]", "linear, relu, leaky-relu:A (slope A), abs, tanh", "hermite:D")]
    public void Help_OfOptions_NamesDefaultsAndAdmittedValues(string command, params string[] texts) =>
        ToolRun.Done($"{command} --help").Output.Should().ContainAll(texts);

    [Fact]
    public void Help_ExampleLines_Parse()
    {
        string[] commands =
            ["sample", "propagate", "measure", "ntk", "nngp", "jacobian", "train", "gradient-rank", "regions", "info", "setup"];
        var examples = commands
            .SelectMany(c => ToolRun.Done($"{c} --help").Output.Split('\n'))
            .Where(l => l.StartsWith("  stablerank ", StringComparison.Ordinal) && !l.Contains("[options]", StringComparison.Ordinal))
            .ToList();
        examples.Should().HaveCountGreaterThanOrEqualTo(16);
        foreach (var example in examples)
        {
            // The help of the example's command is asked for instead of its work; unknown options are still refused.
            string[] words = [.. example.Trim().Split(' ').Skip(1).Where(w => w != "--json")];
            StableRankCli.Invoke([.. words, "--no-such-option"], TextWriter.Null, TextWriter.Null).Should().Be(2);
            var error = new StringWriter();
            StableRankCli.Invoke([.. words, "--no-such-option"], TextWriter.Null, error);
            error.ToString().Should().Contain("'--no-such-option'", example);
        }
    }

    [Fact]
    public void Version_Asked_IsTheToolsOwn() =>
        ToolRun.Done("--version").Output.Trim().Should().Be(typeof(StableRankCli).Assembly.GetName().Version!.ToString(3));

    // Start-up time: --help must not load the library, MathNet, MKL or Spectre.
    [Fact]
    public void Help_Loads_NeitherMathNetNorTheLibrary()
    {
        LoadedBy(0, "--help").Should().Contain("System.CommandLine").And.NotContain(["MathNet.Numerics", "StableRank", "Spectre.Console"]);
        LoadedBy(0, "sample", "--help").Should().NotContain(["MathNet.Numerics", "StableRank", "Spectre.Console"]);
        LoadedBy(0, "ntk", "--help").Should().NotContain(["MathNet.Numerics", "StableRank", "Spectre.Console"]);
        LoadedBy(0, "gradient-rank", "--help").Should().NotContain(["MathNet.Numerics", "StableRank", "Spectre.Console"]);
        LoadedBy(2, "sample", "--rows", "3", "--cols", "3", "--stable-rank", "9").Should().Contain("StableRank", "so loading shows");
    }

    // Runs the tool in a load context of its own and tells which assemblies that brought in.
    private static List<string> LoadedBy(int exitCode, params string[] arguments)
    {
        var context = new ToolContext();
        var cli = context.LoadFromAssemblyPath(typeof(StableRankCli).Assembly.Location).GetType(typeof(StableRankCli).FullName!)!;
        var invoke = cli.GetMethod(nameof(StableRankCli.Invoke), [typeof(string[]), typeof(TextWriter), typeof(TextWriter)])!;
        invoke.Invoke(null, [arguments, TextWriter.Null, TextWriter.Null]).Should().Be(exitCode);
        return [.. context.Assemblies.Select(a => a.GetName().Name!)];
    }

    private sealed class ToolContext() : AssemblyLoadContext("tool", isCollectible: false)
    {
        protected override System.Reflection.Assembly? Load(System.Reflection.AssemblyName assemblyName)
        {
            var path = Path.Combine(AppContext.BaseDirectory, assemblyName.Name + ".dll");
            return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
        }
    }
}
