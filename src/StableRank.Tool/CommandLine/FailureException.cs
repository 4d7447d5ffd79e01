namespace StableRank.Tool.CommandLine;

/// <summary>A failure the tool itself found and words itself; the process exits with <see cref="ExitCode.Failed"/>.</summary>
internal sealed class FailureException(string message) : Exception(message);
