using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Randomness;
using StableRank.Training;

namespace StableRank.Tests.Training;

/// <summary>Small training tasks.</summary>
internal static class Tasks
{
    public static Network<T> Network<T>(ulong seed = 1, params int[] widths)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Model.Dense(
            widths.Length == 0 ? [64, 24, 16, 10] : widths,
            Activation.ReLU,
            (_, rows, columns) => Ensemble.Gaussian(rows, columns, 2.0 / columns),
            0.01,
            linearOutput: true).Sample<T>(seed);

    /// <summary>The first samples of the digits, or some from further on.</summary>
    public static TrainingData<T> Digits<T>(int count, int start = 0)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var all = StableRank.Data.Digits.Load();
        return TrainingData<T>.Labelled(
            all.Features.SubMatrix(0, all.Features.RowCount, start, count).Map(T.CreateChecked, Zeros.Include),
            all.Labels[start..(start + count)]);
    }

    public static Matrix<T> Gaussian<T>(int rows, int columns, ulong seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var values = new T[rows * columns];
        new RandomStream(seed).FillGaussian<T>(values);
        return Matrix<T>.Build.Dense(rows, columns, values);
    }

    /// <summary>All weights, one after the other.</summary>
    public static T[] Weights<T>(Network<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => [.. network.Parameters.SelectMany(parameter => parameter.Values)];
}
