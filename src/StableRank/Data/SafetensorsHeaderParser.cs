using System.Text.Json;

namespace StableRank.Data;

/// <summary>Parses the JSON of a safetensors header, strictly: no key twice, none unknown, every number a whole one.</summary>
/// <param name="source">At the first byte after the JSON.</param>
/// <param name="data">Where the data begin.</param>
internal sealed class SafetensorsHeaderParser(ByteSource source, TensorLocation data)
{
    /// <summary>The header, a tensor, its shape.</summary>
    private const int Depth = 3;

    private readonly long dataLength = data.FileLength - data.Offset;
    private readonly List<TensorEntry> tensors = [];
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly List<int> shape = [];
    private Dictionary<string, string>? metadata;

    public SafetensorsHeader Parse(ReadOnlySpan<byte> text)
    {
        var json = new JsonSource(text, source.File, SafetensorsHeader.FramingLength, Depth);
        json.Expect(JsonTokenType.StartObject, "the header's object");
        while (json.NextKey() is { } name)
        {
            if (name == SafetensorsHeader.MetadataKey)
            {
                ParseMetadata(ref json);
            }
            else if (names.Add(name))
            {
                tensors.Add(ParseTensor(ref json, name));
            }
            else
            {
                throw json.Error($"the header names the tensor '{name}' twice");
            }
        }

        json.RequireEnd();
        RequireCover();
        return new SafetensorsHeader(tensors.AsReadOnly(), (metadata ?? []).AsReadOnly());
    }

    private void ParseMetadata(ref JsonSource json)
    {
        if (metadata is not null)
        {
            throw json.Error($"the header has {SafetensorsHeader.MetadataKey} twice");
        }

        metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        json.Expect(JsonTokenType.StartObject, $"an object of texts for {SafetensorsHeader.MetadataKey}");
        while (json.NextKey() is { } key)
        {
            if (metadata.ContainsKey(key))
            {
                throw json.Error($"{SafetensorsHeader.MetadataKey} has the key '{key}' twice");
            }

            json.Expect(JsonTokenType.String, "the text", key);
            metadata.Add(key, json.Text());
        }
    }

    private TensorEntry ParseTensor(ref JsonSource json, string name)
    {
        var at = json.Offset;
        string? type = null;
        var hasShape = false;
        (long Begin, long End)? range = null;
        json.Expect(JsonTokenType.StartObject, "the description", name);
        while (json.NextKey() is { } key)
        {
            var (known, seen) = key switch
            {
                "dtype" => (true, type is not null),
                "shape" => (true, hasShape),
                "data_offsets" => (true, range is not null),
                _ => (false, false),
            };
            if (!known || seen)
            {
                var fault = known ? $"{key} twice" : $"'{key}'; known are dtype, shape and data_offsets";
                throw json.Error($"the tensor '{name}' has {fault}");
            }

            switch (key)
            {
                case "dtype":
                    json.Expect(JsonTokenType.String, "the dtype", name);
                    type = json.Text();
                    break;
                case "shape":
                    ParseShape(ref json, name);
                    hasShape = true;
                    break;
                default:
                    range = ParseRange(ref json, name);
                    break;
            }
        }

        return type is not null && hasShape && range is { } found
            ? Entry(name, type, found, at)
            : throw json.Error($"the tensor '{name}' has no {(type is null ? "dtype" : hasShape ? "data_offsets" : "shape")}", at);
    }

    private void ParseShape(ref JsonSource json, string name)
    {
        const string expected = "a dimension, a whole number from 0,";
        shape.Clear();
        json.Expect(JsonTokenType.StartArray, "the array of the shape", name);
        for (json.Advance(expected, name); json.Token != JsonTokenType.EndArray; json.Advance(expected, name))
        {
            var dimension = json.Natural(expected, name);
            shape.Add(dimension <= int.MaxValue
                ? (int)dimension
                : throw json.Error($"the tensor '{name}' has a dimension of {dimension}; {int.MaxValue} are the most"));
        }
    }

    private (long Begin, long End) ParseRange(ref JsonSource json, string name)
    {
        const string expected = "an offset, a whole number from 0,";
        json.Expect(JsonTokenType.StartArray, "the array of data_offsets", name);
        json.Advance(expected, name);
        var begin = json.Natural(expected, name);
        json.Advance(expected, name);
        var end = json.Natural(expected, name);
        var at = json.Offset;
        json.Expect(JsonTokenType.EndArray, "the end of the two data_offsets", name);
        return begin <= end && end <= (ulong)dataLength
            ? ((long)begin, (long)end)
            : throw json.Error($"the tensor '{name}' lies from {begin} to {end} of {dataLength} bytes of data", at);
    }

    private TensorEntry Entry(string name, string type, (long Begin, long End) range, long at)
    {
        var known = SafetensorsTypes.Parse(type);
        var length = range.End - range.Begin;
        int[] dimensions = [.. shape];
        if (known is { } element)
        {
            if (ArrayLayout.TryCreate(element, bigEndian: false, MemoryOrder.RowMajor, dimensions) is not { } layout)
            {
                throw source.Error($"{Described()} needs more than {long.MaxValue} bytes", at);
            }

            if (layout.ByteCount != length)
            {
                throw source.Error($"{Described()} has {layout.ByteCount} bytes, and data_offsets give it {length}", at);
            }
        }

        return new TensorEntry(
            source.File, name, dimensions, SafetensorsTypes.Shared(type), known, length, data with { Offset = data.Offset + range.Begin });

        string Described() => $"the tensor '{name}' of shape ({string.Join(", ", dimensions)}) and type {type}";
    }

    /// <summary>The format wants every byte of the data to belong to just one tensor.</summary>
    private void RequireCover()
    {
        long covered = 0;
        var before = "";
        foreach (var tensor in tensors.OrderBy(tensor => tensor.Location!.Offset).ThenBy(tensor => tensor.ByteCount))
        {
            var begin = tensor.Location!.Offset - data.Offset;
            if (begin < covered)
            {
                throw source.Error(
                    $"the tensors '{before}' and '{tensor.Name}' overlap from byte {begin} of the data", data.Offset + begin);
            }

            RequireNoGap(covered, begin);
            covered = begin + tensor.ByteCount;
            before = tensor.Name;
        }

        RequireNoGap(covered, dataLength);
    }

    private void RequireNoGap(long covered, long next)
    {
        if (next > covered)
        {
            throw source.Error($"the bytes {covered} to {next} of the data belong to no tensor", data.Offset + covered);
        }
    }
}
