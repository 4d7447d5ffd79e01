using System.CommandLine.Parsing;
using System.Globalization;

namespace StableRank.Tool.CommandLine;

/// <summary>
/// Parsers of option values. Each names the value and what was expected; all read numbers with a point and without separators of
/// thousands, whatever the machine's language.
/// </summary>
internal static class ArgumentParsers
{
    /// <summary>The most entries that one array holds: rows times columns may not exceed it.</summary>
    public static readonly long MaximumEntries = Array.MaxLength;

    public static int PositiveInteger(ArgumentResult result)
    {
        var text = Text(result);
        if (TryPositive(text, out var value))
        {
            return value;
        }

        result.AddError($"{NameOf(result)} is '{text}'; expected a whole number from 1 to {int.MaxValue}");
        return 0;
    }

    /// <summary>A count of networks, of which a standard error needs two.</summary>
    public static int Samples(ArgumentResult result)
    {
        var text = Text(result);
        if (TryPositive(text, out var value) && value >= 2)
        {
            return value;
        }

        result.AddError($"{NameOf(result)} is '{text}'; expected a whole number from 2 to {int.MaxValue}");
        return 0;
    }

    public static ulong Seed(ArgumentResult result)
    {
        var text = Text(result);
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return value;
        }

        result.AddError($"{NameOf(result)} is '{text}'; expected a whole number from 0 to {ulong.MaxValue}");
        return 0;
    }

    public static double Number(ArgumentResult result)
    {
        var text = Text(result);
        if (TryNumber(text, out var value))
        {
            return value;
        }

        result.AddError($"{NameOf(result)} is '{text}'; expected a number such as 8 or 12.5");
        return 0;
    }

    public static double[] Numbers(ArgumentResult result)
    {
        var words = Text(result).Split(',');
        var values = new double[words.Length];
        for (var i = 0; i < words.Length; i++)
        {
            if (!TryNumber(words[i], out values[i]))
            {
                result.AddError($"{NameOf(result)} has '{words[i]}' in place {i + 1}; "
                    + "expected numbers with commas between, such as 8 or 16,8,4");
                return [];
            }
        }

        return values;
    }

    /// <summary>Widths with commas between; <c>256x8</c> stands for eight times 256.</summary>
    public static int[] Widths(ArgumentResult result)
    {
        var widths = new List<int>();
        foreach (var word in Text(result).Split(','))
        {
            var parts = word.Split('x');
            var times = 1;
            if (parts.Length > 2 || !TryPositive(parts[0], out var width) || (parts.Length == 2 && !TryPositive(parts[1], out times))
                || widths.Count + (long)times > MaximumLayers + 1)
            {
                result.AddError($"{NameOf(result)} has '{word}'; expected the input's width and then one width a layer, "
                    + $"such as 64,256,256,10 or 64,256x8 (at most {MaximumLayers} layers)");
                return [];
            }

            widths.AddRange(Enumerable.Repeat(width, times));
        }

        if (widths.Count < 2)
        {
            result.AddError($"{NameOf(result)} is '{Text(result)}', one width; expected at least two, the input's and one layer's");
            return [];
        }

        return [.. widths];
    }

    public static string OutputFile(ArgumentResult result)
    {
        var path = Text(result);
        if (!MatrixFile.CanWrite(path))
        {
            result.AddError($"{NameOf(result)} is '{path}'; expected a file name that ends in {string.Join(", ", MatrixFile.Endings)}");
        }

        return path;
    }

    /// <summary>A file for the weights of a network.</summary>
    public static string WeightsFile(ArgumentResult result)
    {
        var path = Text(result);
        if (!path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase)
            && !path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            result.AddError($"{NameOf(result)} is '{path}'; expected a file name that ends in .npz or .safetensors");
        }

        return path;
    }

    /// <summary>A file for a picture.</summary>
    public static string Picture(ArgumentResult result)
    {
        var path = Text(result);
        if (!path.EndsWith(".svg", StringComparison.OrdinalIgnoreCase))
        {
            result.AddError($"{NameOf(result)} is '{path}'; expected a file name that ends in .svg");
        }

        return path;
    }

    /// <summary>A parser that admits these words alone.</summary>
    public static Func<ArgumentResult, string?> OneOf(params string[] words) => result =>
    {
        var text = Text(result);
        if (!words.Contains(text, StringComparer.Ordinal))
        {
            result.AddError($"{NameOf(result)} is '{text}'; expected {string.Join(" or ", words)}");
        }

        return text;
    };

    /// <summary>A rank, from 0, or the word that asks for the data's own.</summary>
    public static string RankOrMeasured(ArgumentResult result)
    {
        var text = Text(result);
        if (text != "measured" && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            result.AddError($"{NameOf(result)} is '{text}'; expected a whole number from 0 to {int.MaxValue}, or measured");
        }

        return text;
    }

    private const int MaximumLayers = 10_000;

    private static bool TryPositive(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value > 0;

    // "NaN" and "Infinity" parse here: the range that the value must lie in refuses them, with the range in its message.
    private static bool TryNumber(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float & ~NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out value);

    private static string Text(ArgumentResult result) => result.Tokens.Count == 0 ? "" : result.Tokens[^1].Value;

    private static string NameOf(ArgumentResult result) => (result.Parent as OptionResult)?.Option.Name ?? result.Argument.Name;
}
