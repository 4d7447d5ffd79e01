using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;

namespace StableRank.Tool.CommandLine;

/// <summary>Writes one matrix, in the kind of file that the name asks for.</summary>
internal static class MatrixFile
{
    private const string Safe = ".safetensors";
    private const string Text = ".csv";
    private const string PackedText = ".csv.gz";
    private const string NumPy = ".npy";

    /// <summary>The endings of names that can be written.</summary>
    public static IReadOnlyList<string> Endings { get; } = [NumPy, Safe, Text, PackedText];

    public static bool CanWrite(string path) => EndingOf(path) is not null;

    /// <summary>Writes a file whole or not at all; in a .safetensors file the matrix is named after the file.</summary>
    public static void Write<T>(string path, Matrix<T> matrix)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        switch (EndingOf(path))
        {
            case Safe:
                Safetensors.Write(path, writer => writer.Add(Path.GetFileNameWithoutExtension(path), matrix));
                break;
            case Text or PackedText:
                CsvMatrix.Write(path, matrix);
                break;
            case NumPy:
                NpyArray.Write(path, matrix);
                break;
            default:
                throw new ArgumentException($"{path}: names that can be written end in {string.Join(", ", Endings)}", nameof(path));
        }
    }

    /// <summary>
    /// Does <paramref name="write"/>, whose faults of the file system become ones that name the option: they may name the temporary file
    /// that is to become the user's.
    /// </summary>
    /// <exception cref="FailureException">The file cannot be written.</exception>
    public static void Save(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FailureException($"--out {path} cannot be written: {Messages.Of(e)}");
        }
    }

    /// <summary>Whether <see cref="WriteStack"/> can write a file of this name.</summary>
    public static bool CanWriteStack(string path) => EndingOf(path) is NumPy or Safe;

    /// <summary>Writes matrices of one shape as one array of three dimensions, the first of which counts them.</summary>
    public static void WriteStack<T>(string path, IReadOnlyList<Matrix<T>> matrices)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (rows, columns) = (matrices[0].RowCount, matrices[0].ColumnCount);
        var values = new T[checked(matrices.Count * rows * columns)];
        for (var i = 0; i < matrices.Count; i++)
        {
            matrices[i].ToRowMajorArray().CopyTo(values, i * rows * columns);
        }

        var array = new NumericArray<T>([matrices.Count, rows, columns], values);
        if (EndingOf(path) == Safe)
        {
            Safetensors.Write(path, writer => writer.Add(Path.GetFileNameWithoutExtension(path), array));
        }
        else
        {
            NpyArray.Write(path, array);
        }
    }

    private static string? EndingOf(string path) =>
        Endings.FirstOrDefault(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
}
