using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>The arrays of an .npz archive.</summary>
internal sealed class NpzTensors : ITensorFileKind
{
    private const string FileEnding = ".npz";

    public IReadOnlyList<string> Endings { get; } = [FileEnding];

    public bool Claims(string fileName) => fileName.EndsWith(FileEnding, StringComparison.OrdinalIgnoreCase);

    public IReadOnlyList<TensorEntry> List(string path)
    {
        using var archive = Npz.Open(path);
        return [.. archive.Names.Select(archive.Describe)];
    }

    public Matrix<T> ReadMatrix<T>(TensorEntry entry)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var archive = Npz.Open(entry.File);
        return archive.ReadMatrix<T>(entry.Name);
    }

    public T[] ReadTall<T>(TensorEntry entry, T[]? scratch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var archive = Npz.Open(entry.File);
        return archive.ReadValues(entry.Name, (source, layout) => ArrayReader.ReadTall(source, layout, entry, scratch));
    }
}
