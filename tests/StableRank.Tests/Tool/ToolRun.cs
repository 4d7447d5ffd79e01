using System.Text.Json;
using StableRank.Tool;

namespace StableRank.Tests.Tool;

/// <summary>One run of the tool in this process, and what it wrote.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    /// <summary>The whole of standard output as one JSON object; anything before or after it fails.</summary>
    public JsonElement Json
    {
        get
        {
            using var document = JsonDocument.Parse(Output);
            document.RootElement.ValueKind.Should().Be(JsonValueKind.Object);
            return document.RootElement.Clone();
        }
    }

    public static ToolRun Of(params string[] arguments)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var code = StableRankCli.Invoke(arguments, output, error);
        return new ToolRun(code, output.ToString(), error.ToString());
    }

    /// <summary>A run that must succeed, of words with blanks between.</summary>
    public static ToolRun Done(string commandLine, params string[] more)
    {
        var run = Of([.. commandLine.Split(' '), .. more]);
        run.ExitCode.Should().Be(0, run.Error);
        return run;
    }
}
