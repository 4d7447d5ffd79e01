using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;

namespace StableRank.Tool.CommandLine;

/// <summary><c>--version</c>: the tool's own version, whatever program hosts it.</summary>
internal sealed class VersionAction(CliConsole console) : SynchronousCommandLineAction
{
    /// <summary>The version, without the commit.</summary>
    public static string Version =>
        typeof(VersionAction).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
            ?? "unknown";

    public override int Invoke(ParseResult parseResult)
    {
        console.Output.WriteLine(Version);
        return ExitCode.Done;
    }
}
