using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>The tensors of a safetensors file.</summary>
internal sealed class SafetensorsTensors : ITensorFileKind
{
    public const string FileEnding = ".safetensors";

    public IReadOnlyList<string> Endings { get; } = [FileEnding];

    public bool Claims(string fileName) => fileName.EndsWith(FileEnding, StringComparison.OrdinalIgnoreCase);

    public IReadOnlyList<TensorEntry> List(string path) => SafetensorsHeader.Read(path).Tensors;

    public Matrix<T> ReadMatrix<T>(TensorEntry entry)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Safetensors.Read(entry, ArrayReader.ReadMatrix<T>);

    public T[] ReadTall<T>(TensorEntry entry, T[]? scratch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Safetensors.Read(entry, (source, layout) => ArrayReader.ReadTall(source, layout, entry, scratch));
}
