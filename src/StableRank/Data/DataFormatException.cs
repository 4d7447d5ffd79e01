using System.Globalization;

namespace StableRank.Data;

/// <summary>
/// The content of a file is not what its format says: malformed, truncated, contradictory or of a kind that cannot be read.
/// The message names the file, the member where there is one, and the offset.
/// </summary>
public sealed class DataFormatException : IOException
{
    /// <summary>Builds the message from where the fault lies and what it is.</summary>
    /// <param name="problem">What is wrong: the value found and what was expected.</param>
    /// <param name="file">Path of the file, or the name that the caller gave a stream.</param>
    /// <param name="member">Member of an archive; null where the file itself is meant.</param>
    /// <param name="offset">
    /// Offset in bytes from the start of the member, or of the file where there is no member; null where none applies.
    /// </param>
    /// <param name="inner">What a decoder underneath reported.</param>
    public DataFormatException(string problem, string file, string? member = null, long? offset = null, Exception? inner = null)
        : base(Describe(problem, file, member, offset), inner)
    {
        File = file;
        Member = member;
        Offset = offset;
    }

    /// <summary>Path of the file, or the name that the caller gave a stream.</summary>
    public string File { get; }

    /// <summary>Member of an archive, as the archive spells it; null where the file itself is meant.</summary>
    public string? Member { get; }

    /// <summary>
    /// Offset of the fault in bytes from the start of <see cref="Member"/>, or of the file where there is no member; null where none
    /// applies.
    /// </summary>
    public long? Offset { get; }

    private static string Describe(string problem, string file, string? member, long? offset)
    {
        var place = file;
        if (member is not null)
        {
            place += $", member '{member}'";
        }

        if (offset is { } at)
        {
            place += string.Create(CultureInfo.InvariantCulture, $", offset {at}");
        }

        return $"{place}: {problem}";
    }
}
