using System.Net;
using System.Text;

namespace StableRank.Experiments.Reporting;

/// <summary>
/// The one notation of all texts here, gnuplot's own: <c>x_L</c> and <c>x_{L+1}</c> lower, <c>x^2</c> and <c>10^{-3}</c> raise.
/// Everything else is itself.
/// </summary>
internal static class EnhancedText
{
    /// <summary>The text as HTML: encoded, with sub and sup elements.</summary>
    public static string ToHtml(string text)
    {
        var html = new StringBuilder(text.Length + 16);
        Append(html, text, encode: true);
        return html.ToString();
    }

    /// <summary>The text for a console: braces gone, marks kept.</summary>
    public static string ToPlain(string text)
    {
        var plain = new StringBuilder(text.Length);
        Append(plain, text, encode: false);
        return plain.ToString();
    }

    private static void Append(StringBuilder target, string text, bool encode)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is not ('_' or '^') || i + 1 >= text.Length || text[i + 1] is ' ')
            {
                AppendPlain(target, char.IsHighSurrogate(c) && i + 1 < text.Length ? text.Substring(i++, 2) : c.ToString(), encode);
                continue;
            }

            var end = text[i + 1] == '{' ? text.IndexOf('}', i + 2) : -1;
            var inner = end > 0 ? text[(i + 2)..end] : text.Substring(i + 1, 1);
            i = end > 0 ? end : i + 1;
            if (encode)
            {
                var tag = c == '_' ? "sub" : "sup";
                target.Append('<').Append(tag).Append('>').Append(WebUtility.HtmlEncode(inner)).Append("</").Append(tag).Append('>');
            }
            else
            {
                target.Append(c).Append(inner);
            }
        }
    }

    private static void AppendPlain(StringBuilder target, string text, bool encode) =>
        target.Append(encode ? WebUtility.HtmlEncode(text) : text);
}
