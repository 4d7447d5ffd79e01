using System.Text.Json;

namespace StableRank.Data;

/// <summary>
/// The index of a model that is spread over several safetensors files, model.safetensors.index.json: a "weight_map" from each tensor to its
/// file, which lies beside the index.
/// </summary>
internal static class ShardIndex
{
    public const string FileEnding = ".safetensors.index.json";

    /// <summary>No more than a header may have.</summary>
    private const int MaximumLength = SafetensorsHeader.MaximumLength;

    /// <summary>Metadata of other programs may nest; this deep and no deeper.</summary>
    private const int Depth = 16;

    private const string MapKey = "weight_map";

    /// <summary>How many missing files or tensors an error names before it says how many more there are.</summary>
    private const int Listed = 5;

    /// <summary>
    /// The tensors that the index names, file by file in the order in which the index first names a file, and in a file's own order within.
    /// A tensor that a file holds beyond these is no part of the model.
    /// </summary>
    /// <exception cref="DataFormatException">
    /// The index is malformed, names a file outside its folder or one that is not there, or a tensor that the file does not have.
    /// </exception>
    public static IReadOnlyList<TensorEntry> List(string path)
    {
        var map = Parse(path);
        var shards = map.Values.Distinct(StringComparer.Ordinal).ToList();
        var folder = Path.GetDirectoryName(path) ?? "";
        RequireNone(path, "files that are not beside it", shards.Where(shard => !File.Exists(Path.Combine(folder, shard))));
        var entries = new List<TensorEntry>();
        foreach (var shard in shards)
        {
            entries.AddRange(SafetensorsHeader.Read(Path.Combine(folder, shard)).Tensors
                .Where(entry => map.TryGetValue(entry.Name, out var file) && file == shard));
        }

        RequireNone(path, "tensors that their files do not have", map.Keys.Except(entries.Select(entry => entry.Name)));
        return entries.AsReadOnly();
    }

    private static Dictionary<string, string> Parse(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] text;
        using (var stream = SafetensorsHeader.Open(path))
        {
            text = stream.Length <= MaximumLength
                ? ByteSource.Of(stream, path).ReadBytes((int)stream.Length, "the index")
                : throw new DataFormatException($"an index of {stream.Length} bytes; {MaximumLength} are the most", path);
        }

        Dictionary<string, string>? map = null;
        var json = new JsonSource(text, path, start: 0, Depth);
        json.Expect(JsonTokenType.StartObject, "the index's object");
        while (json.NextKey() is { } key)
        {
            if (key != MapKey)
            {
                json.Skip();
            }
            else if (map is null)
            {
                map = ParseMap(ref json);
            }
            else
            {
                throw json.Error($"the index has {MapKey} twice");
            }
        }

        json.RequireEnd();
        return map ?? throw new DataFormatException($"the index has no {MapKey}", path);
    }

    private static Dictionary<string, string> ParseMap(ref JsonSource json)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        var files = new HashSet<string>(StringComparer.Ordinal);
        json.Expect(JsonTokenType.StartObject, $"an object for {MapKey}");
        while (json.NextKey() is { } name)
        {
            if (map.ContainsKey(name))
            {
                throw json.Error($"{MapKey} names the tensor '{name}' twice");
            }

            json.Expect(JsonTokenType.String, "the name of the file", name);
            var text = json.Text();
            if (!IsPlainName(text))
            {
                throw json.Error($"the tensor '{name}' is said to lie in '{text}'; "
                    + $"expected the name of a file beside the index that ends in {SafetensorsTensors.FileEnding}");
            }

            // One text for each file, however many tensors it holds.
            if (!files.TryGetValue(text, out var file))
            {
                files.Add(file = text);
            }

            map.Add(name, file);
        }

        return map;
    }

    /// <summary>A name that cannot leave the folder, on any system.</summary>
    private static bool IsPlainName(string name) =>
        name.AsSpan().IndexOfAny("/\\:\0") < 0
        && name.Length > SafetensorsTensors.FileEnding.Length
        && name.EndsWith(SafetensorsTensors.FileEnding, StringComparison.Ordinal);

    private static void RequireNone(string path, string what, IEnumerable<string> names)
    {
        var all = names.ToList();
        if (all.Count > 0)
        {
            var more = all.Count > Listed ? $" and {all.Count - Listed} more" : "";
            throw new DataFormatException($"the index names {what}: {string.Join(", ", all.Take(Listed))}{more}", path);
        }
    }
}
