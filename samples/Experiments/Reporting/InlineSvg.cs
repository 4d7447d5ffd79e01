using System.Text.RegularExpressions;

namespace StableRank.Experiments.Reporting;

/// <summary>Prepares gnuplot's SVG for standing inside an HTML page beside others.</summary>
internal static partial class InlineSvg
{
    /// <summary>The svg element alone, its ids and the references to them prefixed so that no two figures share one.</summary>
    /// <param name="svg">The text of an SVG file.</param>
    /// <param name="prefix">Different for every figure of the page.</param>
    /// <param name="title">Replaces the title, for readers who hear the page.</param>
    /// <exception cref="InvalidDataException">There is no svg element.</exception>
    public static string Of(string svg, string prefix, string title)
    {
        var start = svg.IndexOf("<svg", StringComparison.Ordinal);
        if (start < 0)
        {
            throw new InvalidDataException("expected an SVG file, found no <svg element");
        }

        var element = svg[start..].TrimEnd();
        element = Id().Replace(element, match => $"{match.Groups[1].Value}{prefix}{match.Groups[2].Value}");
        element = Reference().Replace(element, match => $"{match.Groups[1].Value}{prefix}{match.Groups[2].Value}");

        // one title that tells what the figure is; gnuplot's own name its panels' parts and pop up under the mouse
        element = Titles().Replace(element, string.Empty);
        var open = element.IndexOf('>', StringComparison.Ordinal) + 1;
        return element[..open].Replace("<svg", "<svg role=\"img\"", StringComparison.Ordinal)
            + $"<title>{System.Net.WebUtility.HtmlEncode(title)}</title>" + element[open..];
    }

    [GeneratedRegex("""(\sid\s*=\s*["'])([^"']+)""")]
    private static partial Regex Id();

    [GeneratedRegex("""((?:href\s*=\s*["']|url\(\s*)#)([^"')]+)""")]
    private static partial Regex Reference();

    [GeneratedRegex("""<title>.*?</title>|<desc>.*?</desc>""", RegexOptions.Singleline)]
    private static partial Regex Titles();
}
