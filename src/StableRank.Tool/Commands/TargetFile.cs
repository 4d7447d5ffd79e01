using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Networks;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary>What a network should give for the samples of a <see cref="SampleFile"/>: targets, one sample a row, or a label each.</summary>
internal static class TargetFile
{
    /// <summary>Loss and its gradient at the outputs, which is written, for the first samples of a file.</summary>
    /// <param name="rows">The samples of the file of inputs, of which the outputs are the first ones.</param>
    /// <param name="text">FILE or FILE:NAME; several entries a row are targets, one is a label where there are several outputs.</param>
    /// <exception cref="FailureException">
    /// The file holds another number of samples, targets of another width, a number that is not finite, or a label that is none.
    /// </exception>
    public static double Evaluate<T>(string text, int rows, Loss loss, Matrix<T> outputs, Span<T> gradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (width, samples) = (outputs.RowCount, outputs.ColumnCount);
        var entry = SampleFile.Find(text, leastDimensions: 1);
        var isLabels = entry.Columns == 1 && width > 1;
        if (entry.Rows != rows || (!isLabels && entry.Columns != width))
        {
            throw new FailureException($"{text} is {entry.Rows} x {entry.Columns}; expected a row for each of the {rows} samples of "
                + $"--inputs, of {width} targets{(width > 1 ? " or one label" : "")}");
        }

        if (!isLabels)
        {
            var targets = SampleFile.Read<T>(text, width, "the outputs", leastDimensions: 1);
            return loss.Evaluate(outputs, targets.SubMatrix(0, width, 0, samples), gradient);
        }

        var values = TensorFile.ReadMatrix<double>(entry).Column(0).SubVector(0, samples).AsArray();
        // A comparison with NaN is false: the test is for what a label is.
        var bad = Array.FindIndex(values, value => !(value >= 0 && value < width && value == Math.Floor(value)));
        return bad < 0
            ? loss.Evaluate<T>(outputs, Array.ConvertAll(values, value => (int)value), gradient)
            : throw new FailureException($"{text} has the label {NumberFormat.Exact(values[bad])} in row {bad}; expected whole numbers "
                + $"from 0 to {width - 1}, or {width} targets a row");
    }
}
