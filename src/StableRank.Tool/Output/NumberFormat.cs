using System.Globalization;

namespace StableRank.Tool.Output;

/// <summary>Numbers for people: a fixed count of significant digits, a point, an exponent only where the number is far from 1.</summary>
internal static class NumberFormat
{
    /// <summary>What a table shows in place of a number that does not exist.</summary>
    public const string None = "-";

    /// <summary>
    /// <paramref name="value"/> rounded to <paramref name="digits"/> significant digits: 12.345, 0.0012345, 1.2345e-10. Trailing
    /// zeros stay, so that numbers of a column carry the same precision.
    /// </summary>
    public static string Significant(double? value, int digits = 5)
    {
        if (value is not { } x || !double.IsFinite(x))
        {
            return None;
        }

        if (x == 0)
        {
            return "0";
        }

        // Rounding first: 9.99996 to five digits is 10.000, an exponent of 1 and not of 0.
        var scientific = x.ToString($"E{digits - 1}", CultureInfo.InvariantCulture);
        var mark = scientific.IndexOf('E', StringComparison.Ordinal);
        var exponent = int.Parse(scientific.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return exponent is >= -3 and < 6
            ? x.ToString($"F{Math.Max(0, digits - 1 - exponent)}", CultureInfo.InvariantCulture)
            : $"{scientific[..mark]}e{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}";
    }

    /// <summary><paramref name="value"/> with <paramref name="decimals"/> decimals and, where asked for, always a sign.</summary>
    public static string Fixed(double? value, int decimals, bool signed = false)
    {
        if (value is not { } x || !double.IsFinite(x))
        {
            return None;
        }

        var text = x.ToString($"F{decimals}", CultureInfo.InvariantCulture);
        return signed && !text.StartsWith('-') ? $"+{text}" : text;
    }

    /// <summary>Shortest text that reads back as the same number: for values that the user gave.</summary>
    public static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>null where <paramref name="value"/> is not a finite number, as JSON needs it.</summary>
    public static double? FiniteOrNull(double value) => double.IsFinite(value) ? value : null;
}
