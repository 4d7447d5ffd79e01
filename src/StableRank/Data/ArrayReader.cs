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
        RequireHoldable(source, layout);
        if (layout.Columns > int.MaxValue)
        {
            throw source.Error($"a matrix of {layout.Columns} columns is beyond the {int.MaxValue} that a matrix can have");
        }

        var (rows, columns) = (layout.Rows, (int)layout.Columns);
        T[] storage;
        if (layout.Order == MemoryOrder.ColumnMajor)
        {
            storage = FortranOrder.ToColumnMajor(ReadFlat<T>(source, layout), layout.Shape);
        }
        else if (source.LengthIsMeasured)
        {
            storage = ReadStrips<T>(source, layout, rows, columns);
        }
        else
        {
            var values = ReadFlat<T>(source, layout);
            storage = GC.AllocateUninitializedArray<T>(values.Length);
            BlockedTranspose.Copy<T>(values, rows, columns, columns, storage, rows);
        }

        return Matrix<T>.Build.Dense(rows, columns, storage);
    }

    private static T[] ReadStrips<T>(ByteSource source, ArrayLayout layout, int rows, int columns)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        source.RequireRemaining(layout.ByteCount, "the array");
        var storage = GC.AllocateUninitializedArray<T>((int)layout.ElementCount);
        if (storage.Length == 0 || rows == 1 || columns == 1)
        {
            // A single row or column lies in memory as it lies in the file.
            ElementDecoder.Read<T>(source, layout.Type, layout.BigEndian, storage);
            return storage;
        }

        var stripRows = StripRows<T>(rows, columns);
        var strip = GC.AllocateUninitializedArray<T>(stripRows * columns);
        for (var row = 0; row < rows; row += stripRows)
        {
            var count = Math.Min(stripRows, rows - row);
            var piece = strip.AsSpan(0, count * columns);
            ElementDecoder.Read(source, layout.Type, layout.BigEndian, piece);
            BlockedTranspose.Copy(piece, count, columns, columns, storage.AsSpan(row), rows);
        }

        return storage;
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

    private static void RequireHoldable(ByteSource source, ArrayLayout layout)
    {
        if (layout.ElementCount > Array.MaxLength)
        {
            throw source.Error($"{layout.ElementCount} elements are beyond the {Array.MaxLength} that one array in memory can hold");
        }
    }
}
