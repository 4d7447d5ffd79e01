using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>
/// Files that hold tensors, whatever their kind; the kind follows from the ending of the name. Safe to use from several threads.
/// </summary>
public static class TensorFile
{
    private static readonly ITensorFileKind[] Kinds =
        [new NpyTensors(), new NpzTensors(), SafetensorsTensors.OfFile, SafetensorsTensors.OfShards, new CsvTensors(), new IdxTensors()];

    /// <summary>The endings of the names of files that can be read.</summary>
    public static IReadOnlyList<string> KnownEndings { get; } = Array.AsReadOnly(Kinds.SelectMany(kind => kind.Endings).ToArray());

    /// <summary>Whether a file of this name is of a kind that can be read; the file need not be there.</summary>
    /// <param name="path">The name, with or without folders.</param>
    public static bool IsKnown(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return FindKind(path) is not null;
    }

    /// <summary>
    /// Lists the tensors of a file in the file's order, without reading their numbers (of a CSV file the lines are counted). Of a model
    /// in several safetensors files, the path is that of its index, or the folder: then model.safetensors.index.json or the only other
    /// index in it counts, and without an index all .safetensors files in the order of their names.
    /// </summary>
    /// <param name="path">The file, or the folder of a model.</param>
    /// <exception cref="ArgumentException">The name ends in none of <see cref="KnownEndings"/> and is not a folder's.</exception>
    /// <exception cref="DataFormatException">
    /// The file is malformed or truncated, an index names files that are not beside it, or a folder holds no model.
    /// </exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static IReadOnlyList<TensorEntry> List(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Directory.Exists(path) ? ModelFolder.List(path) : KindOf(path).List(path);
    }

    /// <summary>
    /// Reads one tensor as the matrix "out x rest": its first dimension times the product of the others in C order, so that a
    /// convolution's kernel (out, in, k, k) becomes out x (in k k); a vector becomes one column.
    /// </summary>
    /// <typeparam name="T">double or float; stored values are rounded to nearest where T is narrower.</typeparam>
    /// <param name="entry">One that <see cref="List"/> gave.</param>
    /// <exception cref="DataFormatException">The file is malformed, truncated, or the elements are not real numbers.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static Matrix<T> ReadMatrix<T>(TensorEntry entry)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(entry);
        ElementTypes.Of<T>();
        return KindOf(entry.File).ReadMatrix<T>(entry);
    }

    /// <summary>Reads one tensor as the matrix "out x rest" in double precision.</summary>
    /// <inheritdoc cref="ReadMatrix{T}(TensorEntry)"/>
    public static Matrix<double> ReadMatrix(TensorEntry entry) => ReadMatrix<double>(entry);

    /// <summary>
    /// Reads "out x rest" where it has more rows than columns, else its transpose: in column-major order from the start of the array
    /// that comes back, which is the scratch array where that serves.
    /// </summary>
    internal static T[] ReadTall<T>(TensorEntry entry, T[]? scratch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        KindOf(entry.File).ReadTall(entry, scratch);

    private static ITensorFileKind KindOf(string path) => FindKind(path)
        ?? throw new ArgumentException(
            $"{path}: not a kind of file that can be read; names end in {string.Join(", ", KnownEndings)}", nameof(path));

    private static ITensorFileKind? FindKind(string path)
    {
        var name = Path.GetFileName(path);
        return Array.Find(Kinds, kind => kind.Claims(name));
    }
}
