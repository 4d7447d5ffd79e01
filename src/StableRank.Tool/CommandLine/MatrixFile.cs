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

    private static string? EndingOf(string path) =>
        Endings.FirstOrDefault(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
}
