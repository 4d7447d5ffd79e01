using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>
/// NumPy's .npy files. A matrix has the same (i, j) here and in NumPy, whatever the order on disk. Versions 1.0, 2.0 and 3.0 are read,
/// of the types f2, f4, f8, i1 to i8, u1 to u8 and b1 in either byte order, rounded to nearest where T is narrower; f4 and f8 are
/// written, in version 1.0 (2.0 where the header is longer than 65535 bytes). Nothing is allocated for a size that a header claims and
/// the file does not have.
/// </summary>
public static class NpyArray
{
    /// <summary>Reads an array of any number of dimensions.</summary>
    /// <typeparam name="T">double or float; a file of that type is read without conversion.</typeparam>
    /// <param name="path">The file, which holds one array and nothing else.</param>
    /// <exception cref="DataFormatException">
    /// The file is malformed, truncated, longer than its array, or does not hold real numbers.
    /// </exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static NumericArray<T> Read<T>(string path)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        ReadFile(path, ArrayReader.ReadArray<T>);

    /// <summary>Reads an array of any number of dimensions in double precision.</summary>
    /// <inheritdoc cref="Read{T}(string)"/>
    public static NumericArray<double> Read(string path) => Read<double>(path);

    /// <summary>Reads one array from where the stream stands and leaves it at the end of the array: others may follow.</summary>
    /// <typeparam name="T">double or float; data of that type are read without conversion.</typeparam>
    /// <param name="stream">Need not be seekable; where its length is unknown, memory grows with what arrives.</param>
    /// <param name="name">Stands for the file in errors.</param>
    /// <exception cref="DataFormatException">The data are malformed or truncated, or do not hold real numbers.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static NumericArray<T> Read<T>(Stream stream, string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        ElementTypes.Of<T>();
        var source = ByteSource.Of(stream, name);
        var header = NpyHeader.Read(source, exact: false);
        return ArrayReader.ReadArray<T>(source, header.RequireNumbers(source));
    }

    /// <summary>
    /// Reads a matrix, or "out x rest" of an array: its first dimension times the product of the others; a vector becomes one column.
    /// </summary>
    /// <inheritdoc cref="Read{T}(string)"/>
    public static Matrix<T> ReadMatrix<T>(string path)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        ReadFile(path, ArrayReader.ReadMatrix<T>);

    /// <summary>
    /// Writes a matrix (rows x columns) in the precision that it has. The file appears whole or not at all; an older one is replaced.
    /// </summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <param name="path">The file.</param>
    /// <param name="matrix">Any storage; a dense one is not copied.</param>
    /// <param name="order">Order of the elements on disk; NumPy itself prefers row-major.</param>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static void Write<T>(string path, Matrix<T> matrix, MemoryOrder order = MemoryOrder.RowMajor)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(matrix);
        ElementTypes.Of<T>();
        AtomicFile.Write(path, stream => Write(stream, matrix, order));
    }

    /// <summary>
    /// Writes an array in the precision that it has, row-major. The file appears whole or not at all; an older one is replaced.
    /// </summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <param name="path">The file.</param>
    /// <param name="array">Any number of dimensions.</param>
    public static void Write<T>(string path, NumericArray<T> array)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(array);
        AtomicFile.Write(path, stream => Write(stream, array));
    }

    /// <summary>
    /// Writes a matrix of which there is only a block at a time, such as a kernel too large for memory. The file appears whole or not at
    /// all; an older one is replaced.
    /// </summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <param name="path">The file.</param>
    /// <param name="rows">Rows of the whole matrix.</param>
    /// <param name="columns">Columns of the whole matrix.</param>
    /// <param name="write">
    /// Gives the writer all blocks, which cover the matrix once; what it throws is passed on, and there is no file.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative.</exception>
    /// <exception cref="InvalidOperationException">The blocks had not as many entries as the matrix.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static void WriteBlocks<T>(string path, int rows, int columns, Action<NpyBlockWriter<T>> write)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        ArgumentNullException.ThrowIfNull(write);
        ElementTypes.Of<T>();
        AtomicFile.Write(path, stream =>
        {
            var writer = new NpyBlockWriter<T>(stream, rows, columns);
            write(writer);
            if (writer.Written != (long)rows * columns)
            {
                throw new InvalidOperationException(
                    $"The blocks have {writer.Written} entries; expected {(long)rows * columns}, those of a {rows} x {columns} matrix.");
            }
        });
    }

    /// <summary>Writes a matrix to where the stream stands.</summary>
    internal static void Write<T>(Stream stream, Matrix<T> matrix, MemoryOrder order)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        stream.Write(NpyHeader.Build(ElementTypes.Of<T>(), order, [matrix.RowCount, matrix.ColumnCount]));
        ArrayWriter.Write(stream, matrix, order, ElementTypes.Of<T>());
    }

    /// <summary>Writes an array to where the stream stands.</summary>
    internal static void Write<T>(Stream stream, NumericArray<T> array)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        stream.Write(NpyHeader.Build(ElementTypes.Of<T>(), MemoryOrder.RowMajor, array.Shape));
        ElementEncoder.Write(stream, ElementTypes.Of<T>(), array.AsSpan());
    }

    /// <summary>Opens a file and reads its header; the array must end where the file ends.</summary>
    internal static TResult ReadFile<TResult>(string path, Func<ByteSource, NpyHeader, TResult> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        var source = ByteSource.Of(stream, path);
        return read(source, NpyHeader.Read(source, exact: true));
    }

    /// <summary>Reads the elements, which must be numbers, with nothing after them.</summary>
    internal static TResult ReadFile<TResult>(string path, Func<ByteSource, ArrayLayout, TResult> read) =>
        ReadFile(path, (source, header) =>
        {
            var result = read(source, header.RequireNumbers(source));
            source.RequireEnd();
            return result;
        });
}
