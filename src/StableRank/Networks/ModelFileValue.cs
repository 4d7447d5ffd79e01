using System.Text.Json;
using StableRank.Data;

namespace StableRank.Networks;

/// <summary>A value of an architecture's file: a text, a whole number, true or false, an array, or an object.</summary>
internal sealed class ModelFileValue
{
    /// <summary>The file's object, its layers, a layer, its input or its numbers.</summary>
    private const int Depth = 4;

    private const int MaximumLength = 1 << 24;

    private readonly string _file;

    private ModelFileValue(string file, long offset, object content) => (_file, Offset, Content) = (file, offset, content);

    public long Offset { get; }

    /// <summary>A string, a long, a bool, a list of values, or a dictionary of them.</summary>
    private object Content { get; }

    public IReadOnlyList<ModelFileValue>? Items => Content as List<ModelFileValue>;

    public IReadOnlyDictionary<string, ModelFileValue>? Fields => Content as Dictionary<string, ModelFileValue>;

    public string? Text => Content as string;

    public bool? Flag => Content as bool?;

    public long? Number => Content as long?;

    public static ModelFileValue Read(string path)
    {
        byte[] text;
        using (var stream = File.OpenRead(path))
        {
            text = stream.Length <= MaximumLength
                ? ByteSource.Of(stream, path).ReadBytes((int)stream.Length, "the architecture")
                : throw new DataFormatException($"{stream.Length} bytes; an architecture has {MaximumLength} at the most", path);
        }

        var json = new JsonSource(text, path, start: 0, Depth);
        json.Expect(JsonTokenType.StartObject, "the object of an architecture");
        var root = Read(ref json, path);
        json.RequireEnd();
        return root;
    }

    /// <summary>The error that this is not what was expected.</summary>
    /// <param name="what">What it belongs to, for example "the width of layer 2".</param>
    /// <param name="expected">What was.</param>
    public DataFormatException Unexpected(string what, string expected) => Fault($"{what} is {this}; expected {expected}");

    public DataFormatException Fault(string problem, Exception? inner = null) => new(problem, _file, offset: Offset, inner: inner);

    /// <summary>The value as the file has it; objects and arrays by their kind.</summary>
    public override string ToString() => Content switch
    {
        string text => $"\"{(text.Length <= 40 ? text : text[..40] + "...")}\"",
        bool flag => flag ? "true" : "false",
        long number => FormattableString.Invariant($"{number}"),
        List<ModelFileValue> { Count: <= 4 } items => $"[{string.Join(", ", items)}]",
        List<ModelFileValue> items => $"an array of {items.Count}",
        _ => "an object",
    };

    /// <summary>The value of the present token.</summary>
    private static ModelFileValue Read(ref JsonSource json, string file)
    {
        var offset = json.Offset;
        object content = json.Token switch
        {
            JsonTokenType.StartObject => ReadFields(ref json, file),
            JsonTokenType.StartArray => ReadItems(ref json, file),
            JsonTokenType.String => json.Text(),
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            _ => json.Whole("a text, a whole number, true, false, an array or an object"),
        };
        return new ModelFileValue(file, offset, content);
    }

    private static Dictionary<string, ModelFileValue> ReadFields(ref JsonSource json, string file)
    {
        var fields = new Dictionary<string, ModelFileValue>(StringComparer.Ordinal);
        while (json.NextKey() is { } key)
        {
            if (fields.ContainsKey(key))
            {
                throw json.Error($"the key '{key}' stands twice in one object; expected it once");
            }

            json.Advance("a value", key);
            fields.Add(key, Read(ref json, file));
        }

        return fields;
    }

    private static List<ModelFileValue> ReadItems(ref JsonSource json, string file)
    {
        var items = new List<ModelFileValue>();
        while (true)
        {
            json.Advance("a value or the end of the array");
            if (json.Token == JsonTokenType.EndArray)
            {
                return items;
            }

            items.Add(Read(ref json, file));
        }
    }
}
