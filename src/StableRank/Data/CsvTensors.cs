using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>
/// A CSV file as a file of one matrix, which is named after the file. Its shape is known only when all lines have been seen.
/// </summary>
internal sealed class CsvTensors : ITensorFileKind
{
    private const string TypeName = "text";

    public IReadOnlyList<string> Endings { get; } = [".csv", ".csv.gz"];

    public bool Claims(string fileName) => Endings.Any(ending => fileName.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    public IReadOnlyList<TensorEntry> List(string path)
    {
        using var lines = CsvRows.Open(path);
        var rows = 0;
        while (lines.Next())
        {
            rows = rows < int.MaxValue ? rows + 1 : throw lines.Error($"more than {int.MaxValue} rows");
        }

        if (rows == 0)
        {
            throw lines.NoRows();
        }

        var name = Path.GetFileName(path);
        name = name[..^Endings.Last(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)).Length];
        var bytes = (long)rows * lines.Columns * sizeof(double);
        return [new TensorEntry(path, name, [rows, lines.Columns], TypeName, ElementType.Float64, bytes)];
    }

    public Matrix<T> ReadMatrix<T>(TensorEntry entry)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        CsvMatrix.Read<T>(entry.File);

    public T[] ReadTall<T>(TensorEntry entry, T[]? scratch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var matrix = CsvMatrix.Read<T>(entry.File);
        if (matrix.RowCount != entry.Rows || matrix.ColumnCount != entry.Columns)
        {
            throw new DataFormatException(
                $"the matrix is {matrix.RowCount} x {matrix.ColumnCount}; when the file was listed, it was {entry}", entry.File);
        }

        return (matrix.RowCount > matrix.ColumnCount ? matrix : matrix.Transpose()).AsColumnMajorArray();
    }
}
