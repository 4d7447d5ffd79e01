using System.CommandLine;

namespace StableRank.Tool.CommandLine;

/// <summary>Runs the work of a command, and turns what it throws into one line on the error stream and an exit code.</summary>
internal static class CommandAction
{
    /// <summary>Gives <paramref name="command"/> its work: the parsed arguments and a token that Ctrl-C cancels, to an exit code.</summary>
    public static void SetWork(this Command command, CliConsole console, Func<ParseResult, CancellationToken, int> work)
    {
        // A thread of its own: a call into native code cannot be cancelled, and Ctrl-C must end the process all the same.
        command.SetAction((arguments, cancellation) =>
            Task.Run(() => Run(command.Name, console, () => work(arguments, cancellation)), CancellationToken.None));
    }

    private static int Run(string command, CliConsole console, Func<int> work)
    {
        try
        {
            return work();
        }
        catch (UsageException e)
        {
            console.WriteError(command, e.Message);
            console.Error.WriteLine($"See 'stablerank {command} --help'.");
            return ExitCode.Usage;
        }
        catch (OperationCanceledException)
        {
            console.WriteError(command, "cancelled");
            return ExitCode.Cancelled;
        }
        catch (FailureException e)
        {
            console.WriteError(command, e.Message);
            return ExitCode.Failed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException
            or NotSupportedException or ArithmeticException or DllNotFoundException or InvalidDataException)
        {
            console.WriteError(command, Messages.Of(e));
            return ExitCode.Failed;
        }
        catch (InsufficientMemoryException e)
        {
            // Refused beforehand, by its size; the runtime's own below says nothing that a user could act on.
            console.WriteError(command, Messages.Of(e));
            return ExitCode.Failed;
        }
        catch (OutOfMemoryException)
        {
            console.WriteError(command, "not enough memory for matrices of this size");
            return ExitCode.Failed;
        }
        catch (Exception e)
        {
            // An unforeseen fault still ends in a line and not in a stack trace; its type is what a bug report needs.
            console.WriteError(command, $"{e.GetType().Name}: {Messages.Of(e)}");
            return ExitCode.Failed;
        }
    }
}
