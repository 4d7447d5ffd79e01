using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>
/// Reads the numbers of a layout, whatever file kind described it. Memory is allocated in one piece only when the bytes are
/// known to be there; otherwise it grows with what arrives.
/// </summary>
internal static class ArrayReader
{
    /// <summary>
    /// Rows are transposed in strips of about this size: large enough for long runs in a column, small enough for a cache.
    /// </summary>
    internal const int StripBytes = 1 << 20;

    /// <summary>First piece, in elements, when the length is only claimed; each further piece is as large as all before.</summary>
    private const int FirstPiece = 1 << 12;

    private const int LastPiece = 1 << 24;

    /// <summary>Reads the values in C order.</summary>
    public static NumericArray<T> ReadArray<T>(ByteSource source, ArrayLayout layout)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var values = ReadFlat<T>(source, layout);
        if (layout.Order == MemoryOrder.ColumnMajor && layout.Shape.Length >= 2)
        {
            var columns = FortranOrder.ToColumnMajor(values, layout.Shape);
            values = GC.AllocateUninitializedArray<T>(columns.Length);
            BlockedTranspose.Copy<T>(columns, (int)layout.Columns, layout.Rows, layout.Rows, values, (int)layout.Columns);
        }

        return NumericArray<T>.Adopt(layout.Shape, values);
    }

    /// <summary>Reads "out x rest" as a matrix.</summary>
    public static Matrix<T> ReadMatrix<T>(ByteSource source, ArrayLayout layout)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        RequireMatrix(source, layout);
        var (rows, columns) = (layout.Rows, (int)layout.Columns);
        T[] storage;
        if (layout.Order == MemoryOrder.ColumnMajor)
        {
            storage = FortranOrder.ToColumnMajor(ReadFlat<T>(source, layout), layout.Shape);
        }
        else if (source.LengthIsMeasured)
        {
            source.RequireRemaining(layout.ByteCount, "the array");
            storage = GC.AllocateUninitializedArray<T>((int)layout.ElementCount);
            ReadStrips<T>(source, layout, storage);
        }
        else
        {
            var values = ReadFlat<T>(source, layout);
            storage = GC.AllocateUninitializedArray<T>(values.Length);
            BlockedTranspose.Copy<T>(values, rows, columns, columns, storage, rows);
        }

        return Matrix<T>.Build.Dense(rows, columns, storage);
    }

    /// <summary>
    /// Reads "out x rest" where it has more rows than columns, else its transpose, column-major: a row-major file holds the latter as
    /// it is.
    /// </summary>
    /// <param name="source">At the first element.</param>
    /// <param name="layout">How the elements lie.</param>
    /// <param name="entry">What the caller takes the tensor for.</param>
    /// <param name="scratch">Is filled and comes back where it is long enough and the bytes are known to be there.</param>
    public static T[] ReadTall<T>(ByteSource source, ArrayLayout layout, TensorEntry entry, T[]? scratch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!layout.Shape.AsSpan().SequenceEqual([.. entry.Shape]))
        {
            throw source.Error($"the shape is ({string.Join(", ", layout.Shape)}); when the file was listed, it was {entry}");
        }

        RequireMatrix(source, layout);
        var (rows, columns) = (layout.Rows, (int)layout.Columns);
        if (layout.Order == MemoryOrder.RowMajor && source.LengthIsMeasured)
        {
            source.RequireRemaining(layout.ByteCount, "the array");
            var count = (int)layout.ElementCount;
            var storage = scratch?.Length >= count ? scratch : GC.AllocateUninitializedArray<T>(count);
            if (rows > columns)
            {
                ReadStrips(source, layout, storage.AsSpan(0, count));
            }
            else
            {
                ElementDecoder.Read(source, layout.Type, layout.BigEndian, storage.AsSpan(0, count));
            }

            return storage;
        }

        var values = ReadFlat<T>(source, layout);
        var columnMajor = layout.Order == MemoryOrder.ColumnMajor;
        values = columnMajor ? FortranOrder.ToColumnMajor(values, layout.Shape) : values;
        if (columnMajor == rows > columns)
        {
            return values;
        }

        var transposed = GC.AllocateUninitializedArray<T>(values.Length);
        var (lines, length) = columnMajor ? (columns, rows) : (rows, columns);
        BlockedTranspose.Copy<T>(values, lines, length, length, transposed, lines);
        return transposed;
    }

    private static void ReadStrips<T>(ByteSource source, ArrayLayout layout, Span<T> storage)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (rows, columns) = (layout.Rows, (int)layout.Columns);
        if (storage.Length == 0 || rows == 1 || columns == 1)
        {
            // A single row or column lies in memory as it lies in the file.
            ElementDecoder.Read(source, layout.Type, layout.BigEndian, storage);
            return;
        }

        var stripRows = StripRows<T>(rows, columns);
        var strip = GC.AllocateUninitializedArray<T>(stripRows * columns);
        for (var row = 0; row < rows; row += stripRows)
        {
            var count = Math.Min(stripRows, rows - row);
            var piece = strip.AsSpan(0, count * columns);
            ElementDecoder.Read(source, layout.Type, layout.BigEndian, piece);
            BlockedTranspose.Copy(piece, count, columns, columns, storage[row..], rows);
        }
    }

    /// <summary>Rows of a strip of about <see cref="StripBytes"/>, at least one.</summary>
    internal static unsafe int StripRows<T>(int rows, int columns)
        where T : unmanaged =>
        (int)Math.Clamp(StripBytes / ((long)columns * sizeof(T)), 1, rows);

    /// <summary>The values in the file's own order.</summary>
    internal static T[] ReadFlat<T>(ByteSource source, ArrayLayout layout)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        RequireHoldable(source, layout);
        source.RequireRemaining(layout.ByteCount, "the array");
        var count = (int)layout.ElementCount;
        if (source.LengthIsMeasured || count <= FirstPiece)
        {
            var values = GC.AllocateUninitializedArray<T>(count);
            ElementDecoder.Read<T>(source, layout.Type, layout.BigEndian, values);
            return values;
        }

        var pieces = new List<T[]>();
        for (var read = 0; read < count;)
        {
            var piece = GC.AllocateUninitializedArray<T>(Math.Min(count - read, Math.Clamp(read, FirstPiece, LastPiece)));
            ElementDecoder.Read<T>(source, layout.Type, layout.BigEndian, piece);
            pieces.Add(piece);
            read += piece.Length;
        }

        var whole = GC.AllocateUninitializedArray<T>(count);
        var at = 0;
        for (var i = 0; i < pieces.Count; i++)
        {
            pieces[i].CopyTo(whole, at);
            at += pieces[i].Length;
            pieces[i] = [];
        }

        return whole;
    }

    private static void RequireMatrix(ByteSource source, ArrayLayout layout)
    {
        RequireHoldable(source, layout);
        if (layout.Columns > int.MaxValue)
        {
            throw source.Error($"a matrix of {layout.Columns} columns is beyond the {int.MaxValue} that a matrix can have");
        }
    }

    private static void RequireHoldable(ByteSource source, ArrayLayout layout)
    {
        if (layout.ElementCount > Array.MaxLength)
        {
            throw source.Error($"{layout.ElementCount} elements are beyond the {Array.MaxLength} that one array in memory can hold");
        }
    }
}
