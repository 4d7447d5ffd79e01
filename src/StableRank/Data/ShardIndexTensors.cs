using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>The tensors of a model in several safetensors files, by its index.</summary>
internal sealed class ShardIndexTensors : ITensorFileKind
{
    public IReadOnlyList<string> Endings { get; } = [ShardIndex.FileEnding];

    public bool Claims(string fileName) => fileName.EndsWith(ShardIndex.FileEnding, StringComparison.OrdinalIgnoreCase);

    public IReadOnlyList<TensorEntry> List(string path) => ShardIndex.List(path);

    public Matrix<T> ReadMatrix<T>(TensorEntry entry)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Safetensors.Read(entry, ArrayReader.ReadMatrix<T>);

    public T[] ReadTall<T>(TensorEntry entry, T[]? scratch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Safetensors.Read(entry, (source, layout) => ArrayReader.ReadTall(source, layout, entry, scratch));
}
