namespace StableRank.Tool.CommandLine;

/// <summary>A command line that parses but asks for something inadmissible; the process exits with <see cref="ExitCode.Usage"/>.</summary>
internal sealed class UsageException(string message) : Exception(message);
