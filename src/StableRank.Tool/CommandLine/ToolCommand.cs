using System.CommandLine;

namespace StableRank.Tool.CommandLine;

/// <summary>A command with what its help says beyond the parser's own: details under its options, and at least one example line.</summary>
/// <param name="name">The name.</param>
/// <param name="summary">One line, for the list of commands too.</param>
/// <param name="details">Paragraphs, one a line.</param>
/// <param name="examples">Whole command lines.</param>
internal sealed class ToolCommand(string name, string summary, string details, IReadOnlyList<string> examples) : Command(name, summary)
{
    public string Details { get; } = details;

    public IReadOnlyList<string> Examples { get; } = examples;
}
