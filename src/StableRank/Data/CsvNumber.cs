using System.Globalization;
using System.Numerics;
using System.Text;

namespace StableRank.Data;

/// <summary>One number of a CSV file: with a point, without separators of thousands, whatever the machine's language.</summary>
internal static class CsvNumber
{
    private static readonly string[] Infinities = ["inf", "infinity"];

    /// <summary>
    /// Rounded to the nearest T. Blanks around it are allowed; "nan", "inf" and "infinity" are numbers, in any case and with a sign.
    /// </summary>
    public static bool TryParse<T>(ReadOnlySpan<byte> text, out T value)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // .NET passes over zero characters at the end.
        if (!text.Contains((byte)0) && T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }

        if (SaysInfinity(text))
        {
            value = text.Trim(" \t"u8)[0] == (byte)'-' ? T.NegativeInfinity : T.PositiveInfinity;
            return true;
        }

        value = T.Zero;
        return false;
    }

    /// <summary>Whether the text spells an infinity, as opposed to a number that is too large.</summary>
    public static bool SaysInfinity(ReadOnlySpan<byte> text)
    {
        var word = text.Trim(" \t"u8);
        if (word is [(byte)'+' or (byte)'-', ..])
        {
            word = word[1..];
        }

        foreach (var infinity in Infinities)
        {
            if (Ascii.EqualsIgnoreCase(word, infinity))
            {
                return true;
            }
        }

        return false;
    }
}
