using MathNet.Numerics.LinearAlgebra;
using StableRank.Randomness;

namespace StableRank.Experiments.Learning;

/// <summary>
/// A few of the shipped digits as a regression, in double precision: features of mean 0 and mean square 1 over all features (of the
/// training part), targets of +1 and -1 or one-hot.
/// </summary>
/// <param name="Name">What they are.</param>
/// <param name="Inputs">X, 64 x N.</param>
/// <param name="Targets">y, O x N.</param>
/// <param name="TestInputs">X*, 64 x M.</param>
/// <param name="TestTargets">y*, O x M.</param>
internal sealed record FewDigits(
    string Name, Matrix<double> Inputs, Matrix<double> Targets, Matrix<double> TestInputs, Matrix<double> TestTargets)
{
    // whatever the seed of a run: the choice is part of the task
    private const ulong ChoiceSeed = 19020672;

    /// <summary>The two classes that are alike.</summary>
    private const int Positive = 3, Negative = 8;

    /// <summary>N.</summary>
    public int Count => Inputs.ColumnCount;

    /// <summary>O.</summary>
    public int Outputs => Targets.RowCount;

    /// <summary>Threes, +1, and eights, -1: one output.</summary>
    public static FewDigits TwoClasses(int training, int test) => Of(
        "two classes", training, test, label => label is Positive or Negative, label => [label == Positive ? 1 : -1]);

    /// <summary>All digits, one-hot: ten outputs.</summary>
    public static FewDigits TenClasses(int training, int test) => Of(
        "ten classes", training, test, _ => true,
        label => [.. Enumerable.Range(0, LearningTask.Classes).Select(one => one == label ? 1.0 : 0.0)]);

    private static FewDigits Of(string name, int training, int test, Func<int, bool> isTaken, Func<int, double[]> target)
    {
        var data = Data.Digits.Load();
        var order = Enumerable.Range(0, data.Count).Where(sample => isTaken(data.Labels[sample])).ToArray();
        new RandomStream(ChoiceSeed).Shuffle<int>(order);
        var (first, second) = (order[..training], order[training..(training + test)]);
        var inputs = Columns(first);
        var mean = inputs.RowSums() / training;
        var centred = Less(inputs);
        var scale = Math.Sqrt((double)centred.RowCount * training) / centred.FrobeniusNorm();
        return new FewDigits(name, centred * scale, Targets(first), Less(Columns(second)) * scale, Targets(second));

        Matrix<double> Columns(int[] samples) =>
            Matrix<double>.Build.DenseOfColumns(samples.Select(sample => data.Features.Column(sample)));
        Matrix<double> Targets(int[] samples) =>
            Matrix<double>.Build.DenseOfColumns(samples.Select(sample => target(data.Labels[sample])));
        Matrix<double> Less(Matrix<double> features) =>
            Matrix<double>.Build.DenseOfColumns(features.EnumerateColumns().Select(column => column - mean));
    }
}
