using System.Text;

namespace StableRank.Tool.CommandLine;

/// <summary>Text broken into lines at its blanks.</summary>
internal static class TextWrap
{
    /// <summary>Lines of at most <paramref name="width"/> characters; a word longer than that has a line of its own.</summary>
    public static IEnumerable<string> Wrap(string text, int width)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear();
            }

            if (line.Length > 0)
            {
                line.Append(' ');
            }

            line.Append(word);
        }

        yield return line.ToString();
    }
}
