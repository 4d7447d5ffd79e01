using System.Globalization;

namespace StableRank.Experiments.Figures;

/// <summary>Colours that colour-blind readers can tell apart, as "#rrggbb".</summary>
internal static class Palette
{
    /// <summary>For unordered things: the palette of Okabe and Ito (2008), its yellow left out because it vanishes on white.</summary>
    public static readonly IReadOnlyList<string> Categorical =
        ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

    /// <summary>For ten unordered things, as areas: Paul Tol's scheme "muted" with its grey.</summary>
    public static readonly IReadOnlyList<string> Areas =
    [
        "#332288", "#88ccee", "#117733", "#ddcc77", "#cc6677", "#44aa99", "#aa4499", "#999933", "#882255", "#b8bcc4",
    ];

    /// <summary>The colour of what theory predicts, whatever it is compared with.</summary>
    public const string Theory = "#374151";

    /// <summary>The colour of guides: a reference level, a limit.</summary>
    public const string Guide = "#9ca3af";

    // viridis at equal steps, cut before its yellow, which vanishes on white
    private static readonly (int Red, int Green, int Blue)[] Ramp =
    [
        (0x44, 0x01, 0x54), (0x46, 0x32, 0x7e), (0x36, 0x5c, 0x8d), (0x27, 0x7f, 0x8e), (0x1f, 0xa1, 0x87), (0x4a, 0xc1, 0x6d),
        (0x86, 0xc2, 0x2e),
    ];

    /// <summary>For ordered things: a ramp from dark violet at 0 to green at 1, even to the eye in lightness.</summary>
    /// <param name="position">In [0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">The position is outside [0, 1] or not a number.</exception>
    public static string Sequential(double position)
    {
        if (!(position is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(position), position, "expected a position in [0, 1]");
        }

        var scaled = position * (Ramp.Length - 1);
        var lower = Math.Min((int)scaled, Ramp.Length - 2);
        var fraction = scaled - lower;
        var (from, to) = (Ramp[lower], Ramp[lower + 1]);
        return $"#{Mix(from.Red, to.Red, fraction):x2}{Mix(from.Green, to.Green, fraction):x2}{Mix(from.Blue, to.Blue, fraction):x2}";
    }

    /// <summary>The colour of item <paramref name="index"/> of <paramref name="count"/> ordered items.</summary>
    public static string Sequential(int index, int count) => Sequential(count <= 1 ? 0 : (double)index / (count - 1));

    /// <summary>A colour mixed with white.</summary>
    /// <param name="colour">"#rrggbb".</param>
    /// <param name="share">The part of white, in [0, 1].</param>
    public static string Lighter(string colour, double share)
    {
        var number = Number(colour);
        return $"#{Mix(number >> 16, 255, share):x2}{Mix((number >> 8) & 255, 255, share):x2}{Mix(number & 255, 255, share):x2}";
    }

    /// <summary>A colour "#rrggbb" as one number, red 65536 + green 256 + blue.</summary>
    /// <exception cref="FormatException">It is not of that form.</exception>
    public static int Number(string colour) => colour.Length == 7 && colour[0] == '#'
        ? int.Parse(colour.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
        : throw new FormatException($"'{colour}' is no colour; expected #rrggbb");

    private static int Mix(int from, int to, double fraction) => (int)Math.Round(from + fraction * (to - from));
}
