namespace StableRank.LinearAlgebra;

/// <summary>A backend that was asked for by name could not be loaded; the message says what was probed and what helps.</summary>
public sealed class BackendNotFoundException : InvalidOperationException
{
    /// <summary>An exception for <paramref name="kind"/> after <paramref name="probed"/> failed.</summary>
    /// <param name="kind">The backend that was asked for.</param>
    /// <param name="probed">Each place that was tried, with what was wrong there.</param>
    /// <param name="remedy">What to do about it.</param>
    public BackendNotFoundException(BackendKind kind, IReadOnlyList<string> probed, string remedy)
        : base($"{kind} could not be loaded. Probed: {string.Join("; ", probed)}. {remedy}")
    {
        Kind = kind;
        Probed = probed;
    }

    /// <summary>The backend that was asked for.</summary>
    public BackendKind Kind { get; }

    /// <summary>Each place that was tried, with what was wrong there.</summary>
    public IReadOnlyList<string> Probed { get; }
}
