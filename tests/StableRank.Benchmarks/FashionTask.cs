using System.Numerics;
using System.Numerics.Tensors;
using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Training;

namespace StableRank.Benchmarks;

/// <summary>
/// The task on which training is held against PyTorch's: a 784-512-512-10 ReLU network with cross-entropy on Fashion-MNIST, pixels of 0 to
/// 1, batches of 128, Adam with PyTorch's defaults. Weights and batches follow from seeds, the same on every machine and backend.
/// </summary>
internal static class FashionTask
{
    /// <summary>Samples of a batch; the last of an epoch has 60000 mod 128 = 96.</summary>
    public const int BatchSize = 128;

    /// <summary>The learning rate, constant.</summary>
    public const double Rate = 1e-3;

    /// <summary>The first steps, whose losses are compared one by one.</summary>
    public const int ComparedSteps = 100;

    /// <summary>How far those losses may lie from PyTorch's in double, relatively.</summary>
    public const double LossTolerance = 1e-6;

    private const ulong WeightSeed = 20, OrderSeed = 21;
    private const double BiasVariance = 0.01;

    /// <summary>The sizes of the input and of every layer.</summary>
    public static IReadOnlyList<int> Widths { get; } = [784, 512, 512, 10];

    /// <summary>The network before its first step: He's Gaussian weights, which need no factorisation; others in each replicate.</summary>
    public static Network<T> Network<T>(int replicate = 0)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Model.Dense(
            Widths,
            Activation.ReLU,
            (_, rows, columns) => Ensemble.Gaussian(rows, columns, 2.0 / columns),
            BiasVariance,
            linearOutput: true).Sample<T>(WeightSeed, (ulong)replicate);

    /// <summary>The samples of a part, every pixel divided by 255 in double; null where Fashion-MNIST has not been fetched.</summary>
    public static LabelledData? TryLoad(DataPart part, string? folder = null)
    {
        const double White = 255.0;
        if (!FashionMnist.TryLoad(part, out var data, folder: folder))
        {
            return null;
        }

        var pixels = data.Features.AsColumnMajorArray();
        TensorPrimitives.Divide(pixels, White, pixels);
        return data;
    }

    /// <summary>The samples rounded to T; in double they are not copied.</summary>
    public static TrainingData<T> Data<T>(LabelledData samples)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => TrainingData<T>.Labelled(samples.FeaturesAs<T>(), samples.Labels);

    /// <summary>What the trainer is told; other shuffles in each replicate.</summary>
    public static TrainingOptions Options(int epochs, int replicate = 0) => new()
    {
        Schedule = LearningRateSchedule.Constant(Rate),
        Epochs = epochs,
        BatchSize = BatchSize,
        Seed = OrderSeed + (ulong)replicate,
    };

    /// <summary>The order of the samples in the epoch of that number, the first being 0.</summary>
    public static ReadOnlySpan<int> Order(int epoch, int count, int replicate = 0) =>
        new EpochOrder(Options(1, replicate).Seed, count).Of(epoch);

    /// <summary>The largest |ours - theirs| / |theirs| over the steps that theirs has; infinite where ours has fewer.</summary>
    public static double LargestDifference(IReadOnlyList<double> ours, IReadOnlyList<double> theirs)
    {
        var worst = ours.Count < theirs.Count || theirs.Count == 0 ? double.PositiveInfinity : 0.0;
        for (var i = 0; i < Math.Min(ours.Count, theirs.Count); i++)
        {
            // Max keeps a NaN
            worst = Math.Max(worst, Math.Abs(ours[i] - theirs[i]) / Math.Abs(theirs[i]));
        }

        return worst;
    }
}
