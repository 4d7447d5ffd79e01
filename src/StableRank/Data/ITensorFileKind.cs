using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>A kind of file that holds tensors. <see cref="TensorFile"/> lists the kinds that there are.</summary>
internal interface ITensorFileKind
{
    /// <summary>How names of such files end, for people: ".npy".</summary>
    IReadOnlyList<string> Endings { get; }

    /// <summary>Whether a file of this name is of this kind.</summary>
    bool Claims(string fileName);

    /// <summary>The tensors in the order of the file, without reading their numbers.</summary>
    IReadOnlyList<TensorEntry> List(string path);

    /// <summary>Reads one of them as "out x rest".</summary>
    Matrix<T> ReadMatrix<T>(TensorEntry entry)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>
    /// Reads "out x rest" where it has more rows than columns, else its transpose: in column-major order from the start of the array
    /// that comes back.
    /// </summary>
    /// <param name="entry">One of the file's tensors.</param>
    /// <param name="scratch">Is filled and comes back where it is long enough and the kind can make use of it.</param>
    T[] ReadTall<T>(TensorEntry entry, T[]? scratch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;
}
