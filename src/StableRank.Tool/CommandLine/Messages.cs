using System.Text.RegularExpressions;

namespace StableRank.Tool.CommandLine;

/// <summary>Exceptions as one line for people, without what .NET appends for programmers.</summary>
internal static partial class Messages
{
    /// <summary>The message on one line, without the name of the parameter and the repetition of its value.</summary>
    public static string Of(Exception exception)
    {
        var message = exception.Message;
        if (exception is ArgumentException { ParamName: { } name })
        {
            message = message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal);
        }

        if (exception is ArgumentOutOfRangeException { ActualValue: not null })
        {
            message = ActualValue().Replace(message, "");
        }

        return message.ReplaceLineEndings(" ").Trim();
    }

    [GeneratedRegex(@"\s*Actual value was .*$", RegexOptions.Singleline)]
    private static partial Regex ActualValue();
}
