using MathNet.Numerics.LinearAlgebra;
using StableRank.Spectra;
using StableRank.Training;

namespace StableRank.Experiments.Learning;

/// <summary>Samples to train on in folds, with targets or labels, in double precision.</summary>
/// <param name="Name">What they are.</param>
/// <param name="Inputs">X, features x samples.</param>
/// <param name="Targets">Outputs x samples; null where there are labels.</param>
/// <param name="Labels">A class a sample; null where there are targets.</param>
internal sealed record RankData(string Name, Matrix<double> Inputs, Matrix<double>? Targets, int[]? Labels)
{
    private int? _rank;

    /// <summary>Features of a sample.</summary>
    public int Features => Inputs.RowCount;

    /// <summary>rank X by LAPACK's rule, of all samples together: no batch has a greater one.</summary>
    public int Rank => _rank ??= Spectrum.Of(Inputs).NumericalRank(Inputs.RowCount, Inputs.ColumnCount);

    /// <summary>Samples that are their own targets.</summary>
    public static RankData Autoencoder(string name, Matrix<double> inputs) => new(name, inputs, inputs, null);

    /// <summary>
    /// One fold's split: every so manieth sample is held out, and of the others as many are trained on as make whole batches, since a
    /// smaller last batch would have a bound of its own.
    /// </summary>
    /// <param name="fold">From 0.</param>
    /// <param name="folds">How many there are.</param>
    /// <param name="batch">Samples of a step.</param>
    public (TrainingData<double> Training, TrainingData<double> HeldOut) Fold(int fold, int folds, int batch)
    {
        var parts = Enumerable.Range(0, Inputs.ColumnCount).ToLookup(sample => sample % folds == fold);
        var training = parts[false].ToArray();
        var whole = training.Length / batch * batch;
        return whole > 0
            ? (Part(training[..whole]), Part([.. parts[true]]))
            : throw new ArgumentException($"{training.Length} samples make no batch of {batch}", nameof(batch));
    }

    private TrainingData<double> Part(int[] samples) => Labels is { } labels
        ? TrainingData<double>.Labelled(Columns(Inputs, samples), [.. samples.Select(sample => labels[sample])])
        : TrainingData<double>.Regression(Columns(Inputs, samples), Columns(Targets!, samples));

    private static Matrix<double> Columns(Matrix<double> all, int[] samples) =>
        Matrix<double>.Build.Dense(all.RowCount, samples.Length, (row, column) => all[row, samples[column]]);
}
