using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Tool.CommandLine;

namespace StableRank.Tool.Commands;

/// <summary>
/// Samples in a file, one a row as Python's libraries keep them: the file's one matrix, or the one array whose first index counts the
/// samples, such as images; or, as FILE:NAME, that of the name.
/// </summary>
internal static class SampleFile
{
    /// <summary>The files, for help.</summary>
    public const string Kinds = "a file of any kind that measure takes (FILE:NAME where it holds several matrices)";

    /// <summary>Refuses a file of a kind that cannot be read, or that is not there.</summary>
    public static void Require(string text) => Resolve.RequireTensorFile(Parts(text).File);

    /// <summary>Reads the samples, one a column.</summary>
    /// <param name="text">The file, or FILE:NAME.</param>
    /// <param name="width">The features, which the file's columns must have.</param>
    /// <param name="source">Where the width comes from, for the message.</param>
    /// <param name="leastDimensions">2; 1 where a vector may be one number a sample.</param>
    /// <exception cref="FailureException">
    /// The file holds no such matrix, no sample, samples of another width, or a number that is not finite.
    /// </exception>
    public static Matrix<T> Read<T>(string text, int width, string source, int leastDimensions = 2)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var entry = Find(text, leastDimensions);
        if (entry.Columns != width || entry.Rows == 0)
        {
            throw new FailureException($"{text} is {entry.Rows} x {entry.Columns}; expected "
                + $"{(entry.Rows == 0 ? "at least one sample, " : "")}one sample a row and {width} columns, {source}");
        }

        var inputs = TensorFile.ReadMatrix<T>(entry).Transpose();
        var values = inputs.AsColumnMajorArray();
        var bad = Array.FindIndex(values, value => !T.IsFinite(value));
        if (bad >= 0)
        {
            throw new FailureException(string.Create(
                CultureInfo.InvariantCulture,
                $"{text} has {values[bad]} in row {bad / width}, column {bad % width}; expected finite numbers"));
        }

        return inputs;
    }

    /// <summary>Reads one sample: an array of any shape, its entries in C order.</summary>
    /// <param name="text">The file, or FILE:NAME.</param>
    /// <param name="width">The features, as many as the array must have entries.</param>
    /// <param name="source">Where the width comes from, for the message.</param>
    /// <exception cref="FailureException">
    /// The file holds no such array, or one of another size or with a number that is not finite.
    /// </exception>
    public static Vector<double> ReadPoint(string text, int width, string source)
    {
        var entry = Find(text, leastDimensions: 1);
        var entries = entry.Shape.Aggregate(1L, (product, size) => product * size);
        if (entries != width)
        {
            throw new FailureException($"{text} has {entries} entries; expected {width}, {source}");
        }

        var values = TensorFile.ReadMatrix<double>(entry).ToRowMajorArray();
        var bad = Array.FindIndex(values, value => !double.IsFinite(value));
        return bad < 0
            ? Vector<double>.Build.Dense(values)
            : throw new FailureException(
                string.Create(CultureInfo.InvariantCulture, $"{text} has {values[bad]} as entry {bad}; expected finite numbers"));
    }

    /// <summary>The entry that is meant.</summary>
    /// <exception cref="FailureException">There is none, or several and no name.</exception>
    public static TensorEntry Find(string text, int leastDimensions = 2)
    {
        var (file, name) = Parts(text);
        var all = TensorFile.List(file);
        var matrices = all.Where(e => e.Shape.Count >= leastDimensions && (name is null || e.Name == name)).ToList();
        return (matrices.Count, name) switch
        {
            (1, _) => matrices[0],
            (_, null) => throw new FailureException($"{file} holds {matrices.Count} {(leastDimensions > 1 ? "matrices" : "arrays")}; "
                + "expected one, with one sample a row"
                + (matrices.Count > 1 ? $", or its name: {file}:{matrices[0].Name}" : "")),
            _ => throw new FailureException(
                $"{file} has no {(leastDimensions > 1 ? "matrix" : "array")} '{name}'; "
                + $"it holds {string.Join(", ", all.Select(e => e.ToString()))}"),
        };
    }

    private static (string File, string? Name) Parts(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0 && !TensorFile.IsKnown(text) && TensorFile.IsKnown(text[..colon])
            ? (text[..colon], text[(colon + 1)..])
            : (text, null);
    }
}
