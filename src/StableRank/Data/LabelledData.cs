using System.Numerics;
using System.Numerics.Tensors;
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

    /// <summary>
    /// The features in the precision T, features x samples: <see cref="Features"/> itself for double, a copy with every value rounded
    /// to nearest for float.
    /// </summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public Matrix<T> FeaturesAs<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ElementTypes.Of<T>();
        if (Features is Matrix<T> same)
        {
            return same;
        }

        var values = Features.AsColumnMajorArray() ?? Features.ToColumnMajorArray();
        var storage = GC.AllocateUninitializedArray<T>(values.Length);
        TensorPrimitives.ConvertTruncating<double, T>(values, storage);
        return Matrix<T>.Build.Dense(Features.RowCount, Features.ColumnCount, storage);
    }
}
