using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Randomness;
using StableRank.Tool.CommandLine;

namespace StableRank.Tool.Commands;

/// <summary>The inputs of <c>propagate</c>: digits, a file's rows or Gaussian directions, as a matrix of one input a column.</summary>
/// <param name="Name">digits, gaussian, or the file's path.</param>
/// <param name="Inputs">n_0 x inputs; no column is zero.</param>
internal sealed record InputSource(string Name, Matrix<double> Inputs)
{
    public const string DigitsName = "digits";
    public const string GaussianName = "gaussian";

    private const int DigitsWidth = 64;

    /// <summary>How many inputs are used where the user does not say.</summary>
    public const int DefaultCount = 100;

    /// <summary>Beyond the purposes that weights, biases and tangents draw from: inputs are independent of the networks.</summary>
    private const ulong Purpose = 1UL << 48;

    /// <summary>||x_0||^2, the mean over the inputs.</summary>
    public double MeanSquare => Inputs.EnumerateColumns().Average(x => x.DotProduct(x));

    /// <summary>The digits where the first width is theirs, else Gaussian directions of the seed.</summary>
    /// <exception cref="UsageException">More digits are asked for than there are.</exception>
    public static InputSource Default(int width, int count, ulong seed)
    {
        return width == DigitsWidth
            ? new InputSource(DigitsName, First(Digits.Load().Features, count, DigitsName))
            : new InputSource(GaussianName, Gaussian(width, count, seed));
    }

    /// <summary>The rows of a file's one matrix.</summary>
    /// <param name="path">See <see cref="SampleFile"/>.</param>
    /// <param name="width">The first width, which the file's columns must have.</param>
    /// <param name="count">How many rows are used, the first ones; null for all.</param>
    /// <exception cref="FailureException">The file holds no such matrix, or one with NaN, infinity or a row of zeros.</exception>
    public static InputSource FromFile(string path, int width, int? count)
    {
        var inputs = SampleFile.Read<double>(path, width, "the first of --widths");
        RequireNonzero(inputs, path);
        return new InputSource(path, First(inputs, count ?? inputs.ColumnCount, path));
    }

    private static Matrix<double> First(Matrix<double> inputs, int count, string name) => count <= inputs.ColumnCount
        ? inputs.SubMatrix(0, inputs.RowCount, 0, count)
        : throw new UsageException($"--input-count is {count}; {name} has {inputs.ColumnCount} samples");

    private static Matrix<double> Gaussian(int width, int count, ulong seed)
    {
        var values = new double[checked(width * count)];
        new RandomStream(seed, purpose: Purpose).FillGaussian<double>(values);
        return Matrix<double>.Build.Dense(width, count, values);
    }

    private static void RequireNonzero(Matrix<double> inputs, string path)
    {
        for (var i = 0; i < inputs.ColumnCount; i++)
        {
            if (Array.TrueForAll(inputs.Column(i).AsArray(), value => value == 0))
            {
                throw new FailureException($"{path}: row {i} is zero, and norms are told relative to the input's");
            }
        }
    }
}
