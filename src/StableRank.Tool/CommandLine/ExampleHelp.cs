using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace StableRank.Tool.CommandLine;

/// <summary>
/// The parser's own help, followed by a command's details and example lines; for the root by the first example of every command.
/// </summary>
internal sealed class ExampleHelp : SynchronousCommandLineAction
{
    private const string Indent = "  ";

    private readonly HelpAction _parserHelp;
    private readonly CliConsole _console;

    private ExampleHelp(HelpAction parserHelp, CliConsole console)
    {
        _parserHelp = parserHelp;
        _console = console;
    }

    /// <summary>The option <c>--help</c>, for the root; every command below has it too.</summary>
    public static HelpOption CreateOption(CliConsole console)
    {
        var option = new HelpOption();
        var parserHelp = (HelpAction)option.Action!;
        parserHelp.MaxWidth = console.Width;
        option.Action = new ExampleHelp(parserHelp, console);
        return option;
    }

    public override int Invoke(ParseResult parseResult)
    {
        _parserHelp.Invoke(parseResult);
        var command = parseResult.CommandResult.Command;
        if (command is ToolCommand { Details.Length: > 0 } detailed)
        {
            WriteSection("Details:", detailed.Details.Split('\n').SelectMany(l => TextWrap.Wrap(l, _console.Width - Indent.Length)));
        }

        var examples = command is ToolCommand own
            ? own.Examples
            : [.. command.Subcommands.OfType<ToolCommand>().Select(c => c.Examples[0])];
        // Not wrapped: an example is to be copied.
        WriteSection(examples.Count == 1 ? "Example:" : "Examples:", examples);
        _console.Output.WriteLine("Exit codes: 0 done, 1 failed, 2 wrong command line, 130 cancelled with Ctrl-C.");
        return ExitCode.Done;
    }

    private void WriteSection(string title, IEnumerable<string> lines)
    {
        _console.Output.WriteLine(title);
        foreach (var line in lines)
        {
            _console.Output.WriteLine(Indent + line);
        }

        _console.Output.WriteLine();
    }
}
