using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>The tensors of a safetensors file, or of a model in several of them, by its index.</summary>
internal sealed class SafetensorsTensors : ITensorFileKind
{
    public const string FileEnding = ".safetensors";

    private readonly string _ending;
    private readonly Func<string, IReadOnlyList<TensorEntry>> _list;

    private SafetensorsTensors(string ending, Func<string, IReadOnlyList<TensorEntry>> list)
    {
        _ending = ending;
        _list = list;
        Endings = [ending];
    }

    public static SafetensorsTensors OfFile { get; } = new(FileEnding, path => SafetensorsHeader.Read(path).Tensors);

    public static SafetensorsTensors OfShards { get; } = new(ShardIndex.FileEnding, ShardIndex.List);

    public IReadOnlyList<string> Endings { get; }

    public bool Claims(string fileName) => fileName.EndsWith(_ending, StringComparison.OrdinalIgnoreCase);

    public IReadOnlyList<TensorEntry> List(string path) => _list(path);

    public Matrix<T> ReadMatrix<T>(TensorEntry entry)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Safetensors.Read(entry, ArrayReader.ReadMatrix<T>);

    public T[] ReadTall<T>(TensorEntry entry, T[]? scratch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Safetensors.Read(entry, (source, layout) => ArrayReader.ReadTall(source, layout, entry, scratch));
}
