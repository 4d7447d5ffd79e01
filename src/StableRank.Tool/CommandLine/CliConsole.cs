using Spectre.Console;

namespace StableRank.Tool.CommandLine;

/// <summary>The two streams of a run and what is at their ends: a terminal of some width, or a file or pipe that gets plain text.</summary>
internal sealed class CliConsole
{
    /// <summary>Wide enough that nothing written to a file or a pipe is ever wrapped.</summary>
    private const int UnlimitedWidth = 10_000;

    /// <summary>The least width that output is fitted to; some terminals say they have none.</summary>
    private const int LeastWidth = 40;

    private CliConsole(TextWriter output, TextWriter error, int? outputTerminalWidth, bool errorIsTerminal, bool handlesSignals)
    {
        Output = output;
        Error = error;
        OutputTerminalWidth = outputTerminalWidth;
        ErrorIsTerminal = errorIsTerminal;
        HandlesSignals = handlesSignals;
    }

    public TextWriter Output { get; }

    public TextWriter Error { get; }

    /// <summary>Whether Ctrl-C is this run's to handle: in the process's own run, not in a caller's.</summary>
    public bool HandlesSignals { get; }

    /// <summary>Columns of the terminal that output goes to; null where it goes to a file or a pipe.</summary>
    private int? OutputTerminalWidth { get; }

    private bool ErrorIsTerminal { get; }

    private static int TerminalWidth => Math.Max(LeastWidth, Console.WindowWidth);

    /// <summary>The width that tables and help are fitted to.</summary>
    public int Width => OutputTerminalWidth ?? UnlimitedWidth;

    /// <summary>The process's own streams.</summary>
    public static CliConsole OfProcess()
    {
        int? width = Console.IsOutputRedirected ? null : TerminalWidth;
        return new CliConsole(Console.Out, Console.Error, width, !Console.IsErrorRedirected, handlesSignals: true);
    }

    /// <summary>Streams of a caller's: plain text, fitted to <paramref name="width"/> columns where given.</summary>
    public static CliConsole Over(TextWriter output, TextWriter error, int? width = null) =>
        new(output, error, width, errorIsTerminal: false, handlesSignals: false);

    public void WriteError(string command, string message) =>
        Error.WriteLine($"stablerank {command}: {message.ReplaceLineEndings(" ")}");

    /// <summary>A remark that belongs to the result but not on the output stream.</summary>
    public void WriteNote(string message)
    {
        foreach (var line in TextWrap.Wrap($"note: {message}", ErrorIsTerminal ? TerminalWidth : UnlimitedWidth))
        {
            Error.WriteLine(line);
        }
    }

    /// <summary>
    /// Spectre's console over the output stream: colours on a terminal, plain text elsewhere. It never wraps: Spectre counts separators
    /// that a table does not draw, so whoever writes checks against <see cref="Width"/> first.
    /// </summary>
    public IAnsiConsole Rich() => Create(Output, OutputTerminalWidth is not null && HandlesSignals, UnlimitedWidth);

    /// <summary>
    /// Runs <paramref name="work"/> under a progress bar on the error stream where that is a terminal, without one elsewhere. The work
    /// reports the fraction done, in [0, 1].
    /// </summary>
    public T WithProgress<T>(string title, Func<Action<double>, T> work) =>
        WithProgressText(title, report => work(fraction => report(fraction, title)));

    /// <summary>
    /// The same for work that also says where it is, in words before the bar: parts with tabs between, of which a narrow terminal shows
    /// the first ones.
    /// </summary>
    public T WithProgressText<T>(string title, Func<Action<double, string>, T> work)
    {
        if (!ErrorIsTerminal)
        {
            return work(static (_, _) => { });
        }

        return ProgressLine.Run(Create(Error, terminal: true, TerminalWidth), title, work);
    }

    private static IAnsiConsole Create(TextWriter writer, bool terminal, int width)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = terminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = terminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = terminal ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = width;
        // Box characters are UTF-8 on every stream of ours; Spectre would else guess from the writer.
        console.Profile.Capabilities.Unicode = true;
        return console;
    }
}
