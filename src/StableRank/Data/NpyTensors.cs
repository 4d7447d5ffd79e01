using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>An .npy file as a file of one tensor, which is named after the file.</summary>
internal sealed class NpyTensors : ITensorFileKind
{
    private const string FileEnding = ".npy";

    public IReadOnlyList<string> Endings { get; } = [FileEnding];

    public bool Claims(string fileName) => fileName.EndsWith(FileEnding, StringComparison.OrdinalIgnoreCase);

    public IReadOnlyList<TensorEntry> List(string path) =>
        NpyArray.ReadFile(path, (source, header) => new[] { TensorEntry.Of(source, header, Path.GetFileNameWithoutExtension(path)) });

    public Matrix<T> ReadMatrix<T>(TensorEntry entry)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        NpyArray.ReadMatrix<T>(entry.File);

    public T[] ReadTall<T>(TensorEntry entry, T[]? scratch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        NpyArray.ReadFile(
            entry.File, (ByteSource source, ArrayLayout layout) => ArrayReader.ReadTall(source, layout, entry, scratch));
}
