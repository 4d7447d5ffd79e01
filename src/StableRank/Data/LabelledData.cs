using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Data;

/// <summary>Samples with a class each.</summary>
/// <param name="Features">Features x samples: one sample a column.</param>
/// <param name="Labels">The class of each sample, in the order of the columns.</param>
/// <param name="Name">What the data set is called.</param>
/// <param name="Attribution">Authors, source and licence, to be kept with the data and what is made of them.</param>
public sealed record LabelledData(Matrix<double> Features, int[] Labels, string Name, string Attribution)
{
    /// <summary>The class of each sample, in the order of the columns.</summary>
    /// <exception cref="ArgumentException">There is not one label for each column.</exception>
    public int[] Labels { get; init; } = Labels.Length == Features.ColumnCount
        ? Labels
        : throw new ArgumentException($"{Labels.Length} labels for {Features.ColumnCount} samples", nameof(Labels));

    /// <summary>Number of samples.</summary>
    public int Count => Features.ColumnCount;
}
