namespace StableRank.Tool.CommandLine;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    /// <summary>Everything asked for was done.</summary>
    public const int Done = 0;

    /// <summary>A file is missing or malformed, or something went wrong while running.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong: an unknown option, a missing argument, an inadmissible value.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl-C, as shells count it: 128 + SIGINT.</summary>
    public const int Cancelled = 130;
}
