using System.Text.RegularExpressions;
using StableRank.Tests.Support;
using StableRank.Tool;
using StableRank.Tool.CommandLine;

namespace StableRank.Tests.Tool;

/// <summary>What <c>train</c> draws on a terminal, which util-linux's <c>script</c> provides.</summary>
public sealed partial class TrainTerminalTests
{
    private const string Script = "/usr/bin/script";
    private const string Line = "train --data digits --widths 64,128,128,10 --stable-rank 8 --hold-stable-rank exact --batch 32";

    [Theory]
    [InlineData(80, "")]
    [InlineData(120, "--json")]
    [InlineData(44, "--json")]
    public void Train_OnATerminal_DrawsOneLineThatFitsAndTakesItAway(int width, string more)
    {
        if (!File.Exists(Script))
        {
            return;
        }

        var (code, text) = OnTerminal(width, $"{Line} --epochs 12 {more}");

        code.Should().Be(0, text);
        var end = text.LastIndexOf("\u001b[2K", StringComparison.Ordinal);
        end.Should().BePositive("the bar is erased");
        var drawn = Escapes().Replace(text[..end], "").Split('\r', '\n').Where(line => line.Contains('%')).ToList();
        drawn.Should().Contain(line => EpochWords().IsMatch(line)).And.OnlyContain(line => line.Length <= width);
        drawn.Any(line => line.Contains("loss ", StringComparison.Ordinal)).Should().Be(width >= 80);
        var rest = text[end..];
        rest.Should().NotContain("━").And.Contain(more == "" ? "128 x 64" : "\"history\"");
    }

    [Fact]
    public void Train_NoColor_DrawsWithoutColours()
    {
        if (!File.Exists(Script))
        {
            return;
        }

        var (_, coloured) = OnTerminal(80, $"{Line} --epochs 3");
        var (code, plain) = OnTerminal(80, $"{Line} --epochs 3", ("NO_COLOR", "1"));

        code.Should().Be(0, plain);
        plain.Should().Contain("━").And.NotContain("[38;5;");
        coloured.Should().Contain("[38;5;");
    }

    [Fact]
    public void Train_Interrupted_TakesTheBarAwayAndSaysHowToResume()
    {
        if (!File.Exists(Script))
        {
            return;
        }

        using var folder = new TemporaryFolder();
        var (code, text) = OnTerminal(100, $"{Line} --epochs 1000000 --checkpoint {folder.File("run")}", interruptAfter: 3);

        code.Should().Be(130, text);
        var rest = text[text.LastIndexOf("\u001b[2K", StringComparison.Ordinal)..];
        rest.Should().Contain("\u001b[?25h", "the cursor is shown again").And.Contain("--resume continues").And.Contain("train: cancelled")
            .And.NotContain("━");
        File.Exists(folder.File("run/checkpoint.npz")).Should().BeTrue();
    }

    [Theory]
    [InlineData(80, "epoch 1/20  loss 0.5  validation 0.9")]
    [InlineData(30, "epoch 1/20  loss 0.5")]
    [InlineData(20, "epoch 1/20  loss 0.5")]
    [InlineData(19, "epoch 1/20")]
    [InlineData(3, "epoch 1/20")]
    public void ProgressLine_Narrow_LeavesOutWholeParts(int columns, string expected) =>
        ProgressLine.Fit("epoch 1/20\tloss 0.5\tvalidation 0.9", columns).Should().Be(expected);

    private static (int ExitCode, string Text) OnTerminal(
        int width, string line, (string Name, string Value)? variable = null, int? interruptAfter = null)
    {
        var interrupt = interruptAfter is { } seconds ? $"timeout --foreground --preserve-status --signal=INT {seconds} " : "";
        var command = $"stty cols {width}; {interrupt}'{Environment.ProcessPath}' '{typeof(StableRankCli).Assembly.Location}' {line}";
        var environment = new Dictionary<string, string> { ["TERM"] = "xterm-256color" };
        if (variable is { } set)
        {
            environment[set.Name] = set.Value;
        }

        var (code, text, _) = Shell.Run(Script, ["-qec", command, "/dev/null"], environment: environment);
        return (code, text);
    }

    [GeneratedRegex(@"\u001b\[[0-9;?]*[A-Za-z]|\u001b[=>]")]
    private static partial Regex Escapes();

    [GeneratedRegex("^epoch [0-9]+/12 ")]
    private static partial Regex EpochWords();
}
