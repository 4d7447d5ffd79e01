using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Commands;

namespace StableRank.Tool;

/// <summary>The command <c>stablerank</c>: parses a command line, runs the command, returns the exit code.</summary>
public static partial class StableRankCli
{
    /// <summary>Runs a command line on the process's own streams; Ctrl-C cancels.</summary>
    /// <returns>0 done, 1 failed, 2 usage, 130 cancelled.</returns>
    public static int Invoke(string[] arguments) => Invoke(arguments, CliConsole.OfProcess());

    /// <summary>Runs a command line on streams of the caller's: plain text, nothing wrapped, no signal handled.</summary>
    /// <param name="arguments">The words after <c>stablerank</c>.</param>
    /// <param name="output">Gets the results: under <c>--json</c> one JSON object and nothing else.</param>
    /// <param name="error">Gets errors and notes.</param>
    /// <returns>0 done, 1 failed, 2 usage.</returns>
    public static int Invoke(string[] arguments, TextWriter output, TextWriter error) =>
        Invoke(arguments, CliConsole.Over(output, error));

    internal static int Invoke(string[] arguments, CliConsole console)
    {
        var parsed = CreateRoot(console).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            WriteParseErrors(parsed, console);
            return ExitCode.Usage;
        }

        var configuration = new InvocationConfiguration
        {
            Output = console.Output,
            Error = console.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = console.HandlesSignals ? TimeSpan.FromSeconds(2) : null,
        };
        return parsed.InvokeAsync(configuration).GetAwaiter().GetResult();
    }

    private const string Name = "stablerank";

    // A plain command as the root: System.CommandLine's RootCommand is named after the executable, which is dotnet or StableRank.Tool.
    private static Command CreateRoot(CliConsole console) =>
        new(
            Name,
            "Random weight matrices and deep networks of prescribed stable rank: sample, measure, propagate, kernels, Jacobians, train, "
            + "ranks of gradients, linear regions.")
        {
            InfoCommand.Create(console),
            SampleCommand.Create(console),
            MeasureCommand.Create(console),
            PropagateCommand.Create(console),
            KernelCommand.CreateNtk(console),
            KernelCommand.CreateNngp(console),
            JacobianCommand.Create(console),
            TrainCommand.Create(console),
            GradientRankCommand.Create(console),
            RegionsCommand.Create(console),
            SetupCommand.Create(console),
            ExampleHelp.CreateOption(console),
            new VersionOption { Action = new VersionAction(console) },
        };

    // One line that says what is wrong and one that says where help is, however many errors the parser found.
    private static void WriteParseErrors(ParseResult parsed, CliConsole console)
    {
        var command = parsed.CommandResult.Command;
        var path = IsRoot(command) ? Name : $"{Name} {command.Name}";
        console.Error.WriteLine($"{path}: {Describe(parsed)}");
        console.Error.WriteLine($"See '{path} --help'.");
    }

    private static string Describe(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.UnmatchedTokens.Count > 0)
        {
            var token = parsed.UnmatchedTokens[0];
            return IsRoot(command) ? $"unknown command or option '{token}'; expected {NamesOf(command.Subcommands)}"
                : UnknownOption(command, token) ?? $"unexpected argument '{token}'";
        }

        if (IsRoot(command))
        {
            return $"a command is missing; expected {NamesOf(command.Subcommands)}";
        }

        // A wrong value tells more than what is missing beside it; what is missing is told at once.
        if (parsed.Errors.FirstOrDefault(e => !IsMissing(e)) is { } wrong)
        {
            return wrong.Message;
        }

        var arguments = command.Arguments.Where(a => parsed.GetResult(a) is null or { Tokens.Count: 0 })
            .Select(a => $"{a.Name}, {a.Description?.TrimEnd('.')}");
        var options = parsed.Errors.Select(e => RequiredOption().Match(e.Message)).Where(m => m.Success).Select(m => m.Groups[1].Value);
        return $"missing {string.Join(", ", arguments.Concat(options))}";
    }

    /// <summary>What is said of a word that looks like an option and is not one of the command's; null for any other word.</summary>
    internal static string? UnknownOption(Command command, string word) =>
        word.StartsWith('-') ? $"unknown option '{word}'; expected {NamesOf(command.Options)}" : null;

    private static bool IsMissing(ParseError error) =>
        RequiredOption().IsMatch(error.Message) || error.SymbolResult is ArgumentResult { Parent: CommandResult, Tokens.Count: 0 };

    private static bool IsRoot(Command command) => command is not ToolCommand;

    private static string NamesOf(IEnumerable<Symbol> symbols)
    {
        var names = symbols.Select(s => s.Name).ToArray();
        return names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} or {names[^1]}";
    }

    [GeneratedRegex("^Option '([^']+)' is required\\.$")]
    private static partial Regex RequiredOption();
}
