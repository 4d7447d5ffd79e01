using System.IO.Compression;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using CsvHelper;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>
/// Matrices as text, one row a line, RFC 4180. Reading: the delimiter is, of the first line, a tab where it has one, else a semicolon
/// where it has one, else a comma. The first line is passed over as a header when none of its fields is a number; a header whose names
/// are all numbers cannot be told from a row and is one. Numbers have a point, whatever the machine's language; nan, inf and infinity
/// are numbers too. Every line has as many fields as the first. Empty lines and lines that begin with # are passed over. A file may be
/// packed with gzip, whatever its name.
/// </summary>
public static class CsvMatrix
{
    /// <summary>Reads a file.</summary>
    /// <typeparam name="T">double or float; each number is rounded to the nearest T.</typeparam>
    /// <param name="path">The file.</param>
    /// <returns>The matrix, one row a line.</returns>
    /// <exception cref="DataFormatException">
    /// A line has another number of fields than the first, a field is not a number or beyond the range of T (the message names line and
    /// column, counted from 1), there is no number at all, or the packed data are damaged or unpack to more than 128 times their size
    /// and 16 MB.
    /// </exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static Matrix<T> Read<T>(string path)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ElementTypes.Of<T>();
        using var rows = CsvRows.Open(path);
        var values = new List<T>();
        var count = 0;
        for (; rows.Next(); count++)
        {
            if (values.Count > Array.MaxLength - rows.Columns)
            {
                throw rows.Error($"the numbers are more than the {Array.MaxLength} that one array in memory can hold");
            }

            CollectionsMarshal.SetCount(values, values.Count + rows.Columns);
            rows.Parse(CollectionsMarshal.AsSpan(values)[^rows.Columns..]);
        }

        if (count == 0)
        {
            throw rows.NoRows();
        }

        var storage = GC.AllocateUninitializedArray<T>(values.Count);
        BlockedTranspose.Copy(CollectionsMarshal.AsSpan(values), count, rows.Columns, rows.Columns, storage, count);
        return Matrix<T>.Build.Dense(count, rows.Columns, storage);
    }

    /// <summary>
    /// Writes a matrix, one row a line, with line feeds; every number in the shortest form that reads back as the same T, and nan, inf
    /// and -inf. The file appears whole or not at all; an older one is replaced.
    /// </summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <param name="path">The file; packed with gzip where the name ends in .gz.</param>
    /// <param name="matrix">At least one row and one column.</param>
    /// <param name="columnNames">A header: one name a column, none of them a number; null for none.</param>
    /// <param name="delimiter">Between the fields of a line.</param>
    /// <exception cref="ArgumentException">The matrix is empty, or the names would not read back as a header of this matrix.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static void Write<T>(
        string path, Matrix<T> matrix, IReadOnlyList<string>? columnNames = null, CsvDelimiter delimiter = CsvDelimiter.Comma)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(matrix);
        ElementTypes.Of<T>();
        if (matrix.RowCount == 0 || matrix.ColumnCount == 0)
        {
            throw new ArgumentException(
                $"a {matrix.RowCount} x {matrix.ColumnCount} matrix has no text; expected at least 1 x 1", nameof(matrix));
        }

        RequireHeader(columnNames, matrix.ColumnCount);
        var options = new CsvWriterOptions { Separator = CsvRows.CharacterOf(delimiter), NewLine = "\n", CommentPrefix = '#' };
        AtomicFile.Write(path, stream =>
        {
            using var packed = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
                ? new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true)
                : null;
            using var csv = CsvWriter.Create(packed ?? (Stream)stream, options, leaveOpen: true);
            WriteRows(csv, matrix, columnNames);
        });
    }

    private static void WriteRows<T>(CsvWriter csv, Matrix<T> matrix, IReadOnlyList<string>? columnNames)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (columnNames is not null)
        {
            foreach (var name in columnNames)
            {
                // A delimiter that is not this file's would mislead whoever looks for it in the first line.
                csv.WriteField(name, name.AsSpan().IndexOfAny(",;\t") >= 0 ? CsvQuoting.Always : CsvQuoting.WhenNeeded);
            }

            csv.EndRecord();
        }

        var storage = matrix.AsColumnMajorArray() ?? matrix.ToColumnMajorArray();
        for (var row = 0; row < matrix.RowCount; row++)
        {
            for (var at = row; at < storage.Length; at += matrix.RowCount)
            {
                var value = storage[at];
                if (T.IsFinite(value))
                {
                    csv.WriteField(value);
                }
                else
                {
                    csv.WriteField(T.IsNaN(value) ? "nan"u8 : T.IsPositive(value) ? "inf"u8 : "-inf"u8);
                }
            }

            csv.EndRecord();
        }
    }

    private static void RequireHeader(IReadOnlyList<string>? names, int columns)
    {
        if (names is null)
        {
            return;
        }

        if (names.Count != columns)
        {
            throw new ArgumentException($"{names.Count} names for {columns} columns", nameof(names));
        }

        foreach (var name in names)
        {
            if (CsvNumber.TryParse<double>(Encoding.UTF8.GetBytes(name), out _))
            {
                throw new ArgumentException($"the name '{name}' reads as a number; a header has none", nameof(names));
            }

            if (name.AsSpan().IndexOfAny('\n', '\r') >= 0)
            {
                throw new ArgumentException($"the name '{name.ReplaceLineEndings(" ")}' has a line break", nameof(names));
            }
        }
    }
}
