using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Randomness;
using StableRank.Training;

namespace StableRank.Experiments.Learning;

/// <summary>
/// Images to learn, split once and for all, of mean 0 a feature and mean square 1 over all features (of the training part).
/// </summary>
/// <param name="Name">What they are.</param>
/// <param name="Training">What is trained on.</param>
/// <param name="Test">What accuracy is measured on.</param>
internal sealed record LearningTask(string Name, TrainingData<float> Training, TrainingData<float> Test)
{
    /// <summary>Classes of both data sets.</summary>
    public const int Classes = 10;

    // whatever the seed of a run: the split is part of the task
    private const ulong SplitSeed = 20211005;

    /// <summary>Features of a sample.</summary>
    public int Features => Training.Inputs.RowCount;

    /// <summary>The shipped digits: so many to train on, the other ones to test on.</summary>
    public static LearningTask Digits(int training)
    {
        var data = Data.Digits.Load();
        var order = Enumerable.Range(0, data.Count).ToArray();
        new RandomStream(SplitSeed).Shuffle<int>(order);
        return Of("digits", Part(data, order[..training]), Part(data, order[training..]));
    }

    /// <summary>The first of Fashion-MNIST's images; null where the data set is not on this machine.</summary>
    public static LearningTask? FashionMnist(int training, int test) =>
        Data.FashionMnist.TryLoad(DataPart.Train, out var first, training) && Data.FashionMnist.TryLoad(DataPart.Test, out var second, test)
            ? Of("Fashion-MNIST", first, second)
            : null;

    private static LearningTask Of(string name, LabelledData training, LabelledData test)
    {
        var mean = training.Features.RowSums() / training.Count;
        var centred = Less(training.Features, mean);
        var scale = Math.Sqrt((double)centred.RowCount * centred.ColumnCount) / centred.FrobeniusNorm();
        return new LearningTask(
            name,
            TrainingData<float>.Labelled((centred * scale).Map(value => (float)value, Zeros.Include), training.Labels),
            TrainingData<float>.Labelled((Less(test.Features, mean) * scale).Map(value => (float)value, Zeros.Include), test.Labels));
    }

    private static Matrix<double> Less(Matrix<double> features, Vector<double> mean)
    {
        var centred = features.Clone();
        for (var sample = 0; sample < centred.ColumnCount; sample++)
        {
            centred.SetColumn(sample, centred.Column(sample) - mean);
        }

        return centred;
    }

    private static LabelledData Part(LabelledData data, int[] samples) => new(
        Matrix<double>.Build.DenseOfColumns(samples.Select(sample => data.Features.Column(sample))),
        [.. samples.Select(sample => data.Labels[sample])],
        data.Name,
        data.Attribution);
}
