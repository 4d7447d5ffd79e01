using System.Text;
using System.Text.Json;

namespace StableRank.Data;

/// <summary>
/// JSON of a file, read token by token. Whatever is not as expected becomes an error that names the file and the offset; nothing is built
/// that the caller does not ask for, and nesting is bounded.
/// </summary>
internal ref struct JsonSource
{
    /// <summary>Of a value that is not what it should be, so much is shown.</summary>
    private const int ShownLength = 40;

    private readonly string file;
    private readonly long start;
    private Utf8JsonReader reader;

    /// <param name="json">The whole text.</param>
    /// <param name="file">Name in errors.</param>
    /// <param name="start">Offset of the text in its file.</param>
    /// <param name="maximumDepth">Objects and arrays within each other.</param>
    public JsonSource(ReadOnlySpan<byte> json, string file, long start, int maximumDepth)
    {
        this.file = file;
        this.start = start;
        reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maximumDepth });
    }

    public readonly JsonTokenType Token => reader.TokenType;

    /// <summary>Offset of the present token in the file.</summary>
    public readonly long Offset => start + reader.TokenStartIndex;

    /// <summary>Goes on to the next token.</summary>
    /// <param name="expected">What it should be, for the error.</param>
    /// <param name="owner">The name of what it belongs to, for the same.</param>
    public void Advance(string expected, string? owner = null)
    {
        try
        {
            if (!reader.Read())
            {
                throw Error($"the JSON ends; expected {Of(expected, owner)}", start + reader.BytesConsumed);
            }
        }
        catch (JsonException fault)
        {
            throw Damaged(fault);
        }
    }

    /// <summary>Goes on to the next token, which must be of that kind.</summary>
    public void Expect(JsonTokenType token, string expected, string? owner = null)
    {
        Advance(expected, owner);
        if (reader.TokenType != token)
        {
            throw Error($"{Shown()} where {Of(expected, owner)} was expected");
        }
    }

    /// <summary>Goes on to the next key of the present object, or to its end: null.</summary>
    public string? NextKey()
    {
        Advance("a key or the end of the object");
        return reader.TokenType == JsonTokenType.EndObject ? null : Text();
    }

    /// <summary>The text of the present key or string.</summary>
    public readonly string Text()
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException fault)
        {
            throw Error("a text that is not valid Unicode", inner: fault);
        }
    }

    /// <summary>The present token as a whole number of at least 0.</summary>
    public readonly ulong Natural(string expected, string owner) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out var value)
            ? value
            : throw Error($"{Shown()} where {Of(expected, owner)} was expected");

    /// <summary>The present token as a whole number of any sign.</summary>
    public readonly long Whole(string expected) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value)
            ? value
            : throw Error($"{Shown()} where {expected} was expected");

    /// <summary>Passes over the value that follows the present key.</summary>
    public void Skip()
    {
        try
        {
            reader.Skip();
        }
        catch (JsonException fault)
        {
            throw Damaged(fault);
        }
    }

    /// <summary>Requires that nothing but white space follows.</summary>
    public void RequireEnd()
    {
        try
        {
            if (reader.Read())
            {
                throw Error("more follows the JSON");
            }
        }
        catch (JsonException fault)
        {
            throw Damaged(fault);
        }
    }

    /// <summary>An error at an offset of the file, by default at the present token.</summary>
    public readonly DataFormatException Error(string problem, long? offset = null, Exception? inner = null) =>
        new(problem, file, offset: offset ?? Offset, inner: inner);

    private static string Of(string expected, string? owner) => owner is null ? expected : $"{expected} of '{owner}'";

    private readonly DataFormatException Damaged(JsonException fault) =>
        Error($"the JSON is damaged: {fault.Message}", start + reader.BytesConsumed, fault);

    private readonly string Shown() => reader.TokenType switch
    {
        JsonTokenType.StartObject or JsonTokenType.EndObject => "an object's brace",
        JsonTokenType.StartArray or JsonTokenType.EndArray => "an array's bracket",
        JsonTokenType.String or JsonTokenType.PropertyName => $"the text \"{Cut()}\"",
        _ => Cut(),
    };

    private readonly string Cut()
    {
        var value = reader.ValueSpan;
        return value.Length <= ShownLength ? Encoding.UTF8.GetString(value) : Encoding.UTF8.GetString(value[..ShownLength]) + "...";
    }
}
