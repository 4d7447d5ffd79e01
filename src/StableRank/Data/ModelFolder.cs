namespace StableRank.Data;

/// <summary>A folder that holds a model as safetensors: an index with its shards, or the files alone.</summary>
internal static class ModelFolder
{
    private const string UsualIndex = "model" + ShardIndex.FileEnding;

    /// <summary>
    /// By the index, model.safetensors.index.json or the only other one; without an index the tensors of all .safetensors files, in ordinal
    /// order of their names.
    /// </summary>
    /// <exception cref="DataFormatException">There is neither, there are several indexes, or a file is malformed.</exception>
    public static IReadOnlyList<TensorEntry> List(string folder)
    {
        var indexes = Files(folder, ShardIndex.FileEnding);
        if (indexes.Find(path => Path.GetFileName(path) == UsualIndex) is { } usual)
        {
            return ShardIndex.List(usual);
        }

        switch (indexes.Count)
        {
            case 1:
                return ShardIndex.List(indexes[0]);
            case > 1:
                var names = string.Join(", ", indexes.Select(Path.GetFileName));
                throw new DataFormatException($"the folder holds several indexes, {names}; name one of them", folder);
        }

        var files = Files(folder, SafetensorsTensors.FileEnding);
        return files.Count > 0
            ? [.. files.SelectMany(file => SafetensorsHeader.Read(file).Tensors)]
            : throw new DataFormatException(
                $"the folder holds neither an index ({UsualIndex}) nor a file that ends in {SafetensorsTensors.FileEnding}", folder);
    }

    private static List<string> Files(string folder, string ending) =>
        [.. Directory.EnumerateFiles(folder)
            .Where(path => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)];
}
