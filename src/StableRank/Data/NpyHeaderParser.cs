using System.Globalization;

namespace StableRank.Data;

/// <summary>
/// Parses the dictionary literal of an .npy header: what NumPy writes in any version (spaces, trailing commas, any order of the
/// keys, padding, Python 2's L after an integer) and nothing else.
/// </summary>
internal ref struct NpyHeaderParser
{
    /// <summary>Structured types nest, but not so deep.</summary>
    private const int MaximumDepth = 32;

    private readonly string text;
    private readonly bool acceptLongSuffix;
    private readonly Func<string, int, DataFormatException> fail;
    private int at;

    private NpyHeaderParser(string text, bool acceptLongSuffix, Func<string, int, DataFormatException> fail)
    {
        this.text = text;
        this.acceptLongSuffix = acceptLongSuffix;
        this.fail = fail;
    }

    private readonly char Current => at < text.Length ? text[at] : '\0';

    /// <summary>Reads the three keys.</summary>
    /// <param name="text">The whole header after its length.</param>
    /// <param name="acceptLongSuffix">Python 2 wrote 3L.</param>
    /// <param name="fail">Makes the error from a problem and an index into the text.</param>
    /// <returns>The type: a name, or for structured types the text of the literal, which begins with a bracket.</returns>
    public static (string TypeName, MemoryOrder Order, int[] Shape) Parse(
        string text, bool acceptLongSuffix, Func<string, int, DataFormatException> fail) =>
        new NpyHeaderParser(text, acceptLongSuffix, fail).ParseDictionary();

    private (string TypeName, MemoryOrder Order, int[] Shape) ParseDictionary()
    {
        string? typeName = null;
        MemoryOrder? order = null;
        int[]? shape = null;
        SkipSpace();
        Expect('{');
        while (Current != '}')
        {
            var keyAt = at;
            var key = ParseString();
            SkipSpace();
            Expect(':');
            switch (key)
            {
                case "descr" when typeName is null: typeName = ParseTypeName(); break;
                case "fortran_order" when order is null: order = ParseOrder(); break;
                case "shape" when shape is null: shape = ParseShape(); break;
                case "descr" or "fortran_order" or "shape": throw fail($"the key '{key}' appears twice in the header", keyAt);
                default: throw fail($"the key '{Shortened(key)}' in the header; known are descr, fortran_order and shape", keyAt);
            }

            SkipSpace();
            if (Current != '}')
            {
                Expect(',');
            }
        }

        Expect('}');
        if (at != text.Length)
        {
            throw fail($"{Found()} after the end of the header's dictionary", at);
        }

        if (typeName is null || order is null || shape is null)
        {
            throw fail($"the header has no key '{(typeName is null ? "descr" : order is null ? "fortran_order" : "shape")}'", at);
        }

        return (typeName, order.Value, shape);
    }

    private string ParseTypeName()
    {
        if (Current is '\'' or '"')
        {
            return ParseString();
        }

        var start = at;
        SkipLiteral(0);
        var literal = text[start..at];
        return literal[0] is '[' or '('
            ? literal
            : throw fail($"the type is {Shortened(literal)}, which is neither a name nor a list of fields", start);
    }

    private MemoryOrder ParseOrder()
    {
        var start = at;
        return ParseWord() switch
        {
            "True" => MemoryOrder.ColumnMajor,
            "False" => MemoryOrder.RowMajor,
            _ => throw fail("fortran_order is neither True nor False", start),
        };
    }

    private int[] ParseShape()
    {
        var shape = new List<int>();
        var commas = 0;
        var start = at;
        Expect('(');
        while (Current != ')')
        {
            shape.Add(ParseDimension());
            SkipSpace();
            if (Current != ')')
            {
                Expect(',');
                commas++;
            }
        }

        Expect(')');
        return shape.Count != 1 || commas == 1 ? [.. shape] : throw fail("the shape is a number in brackets, not a tuple", start);
    }

    private int ParseDimension()
    {
        var start = at;
        var digits = ParseInteger();
        if (digits[0] == '-')
        {
            throw fail($"the negative dimension {Shortened(digits)} in the shape", start);
        }

        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var dimension)
            ? dimension
            : throw fail($"the dimension {Shortened(digits)} in the shape is beyond {int.MaxValue}", start);
    }

    private string ParseInteger()
    {
        var start = at;
        if (Current == '-')
        {
            at++;
        }

        var first = at;
        while (char.IsAsciiDigit(Current))
        {
            at++;
        }

        var end = at;
        if (end == first || (end - first > 1 && text[first] == '0'))
        {
            throw fail($"{Found(start)} where an integer was expected", start);
        }

        if (acceptLongSuffix && Current == 'L')
        {
            at++;
        }

        return text[start..end];
    }

    /// <summary>A quoted string, as it stands between its quotes. A backslash keeps the next character from ending it.</summary>
    private string ParseString()
    {
        var quote = Current;
        if (quote is not ('\'' or '"'))
        {
            throw fail($"{Found()} where a quoted string was expected", at);
        }

        var start = at++;
        while (Current != quote || at >= text.Length)
        {
            at += Current == '\\' ? 2 : 1;
            if (at >= text.Length)
            {
                throw fail("a string in the header does not end", start);
            }
        }

        return text[(start + 1)..at++];
    }

    private string ParseWord()
    {
        var start = at;
        while (char.IsAsciiLetter(Current))
        {
            at++;
        }

        return text[start..at];
    }

    /// <summary>Passes over a string, integer, True, False, None, tuple or list: the fields of a structured type.</summary>
    private void SkipLiteral(int depth)
    {
        var start = at;
        if (depth > MaximumDepth)
        {
            throw fail($"the type nests more than {MaximumDepth} deep", at);
        }

        switch (Current)
        {
            case '\'' or '"':
                ParseString();
                break;
            case '-' or (>= '0' and <= '9'):
                ParseInteger();
                break;
            case '(' or '[':
                var close = Current == '(' ? ')' : ']';
                Expect(Current);
                while (Current != close)
                {
                    SkipLiteral(depth + 1);
                    SkipSpace();
                    if (Current != close)
                    {
                        Expect(',');
                    }
                }

                at++;
                break;
            default:
                if (ParseWord() is not ("True" or "False" or "None"))
                {
                    throw fail($"{Found(start)} where a value was expected", start);
                }

                break;
        }
    }

    /// <summary>Takes one character and the space after it.</summary>
    private void Expect(char expected)
    {
        if (at >= text.Length || text[at] != expected)
        {
            throw fail($"{Found()} where {expected} was expected", at);
        }

        at++;
        SkipSpace();
    }

    private void SkipSpace()
    {
        while (Current is ' ' or '\t' or '\n' or '\r')
        {
            at++;
        }
    }

    private readonly string Found(int? index = null)
    {
        var i = index ?? at;
        return i >= text.Length ? "the header ends" : char.IsControl(text[i]) ? $"the character U+{(int)text[i]:X4}" : $"'{text[i]}'";
    }

    private static string Shortened(string value) => value.Length <= 40 ? value : $"{value.AsSpan(0, 40)}...";
}
