namespace StableRank.Training;

/// <summary>A checkpoint was made under another configuration than the run that was to continue it.</summary>
public sealed class CheckpointMismatchException : InvalidOperationException
{
    internal CheckpointMismatchException(string path, IReadOnlyList<string> differences)
        : base($"{path} was made under another configuration: {string.Join("; ", differences)}.") =>
        Differences = differences;

    /// <summary>What differs, one setting each: "batch size was 64, is 32".</summary>
    public IReadOnlyList<string> Differences { get; }
}
