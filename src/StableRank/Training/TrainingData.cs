using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.LinearAlgebra;

namespace StableRank.Training;

/// <summary>Samples to train or to validate on: inputs, one sample a column, with a label or a column of targets each.</summary>
/// <typeparam name="T">double or float.</typeparam>
public sealed class TrainingData<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private TrainingData(Matrix<T> inputs, int[]? labels, Matrix<T>? targets)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        MatrixGuard.RequireFinite(inputs, nameof(inputs));
        Inputs = inputs;
        Labels = labels;
        Targets = targets;
        InputArray = inputs.AsColumnMajorArray() ?? inputs.ToColumnMajorArray();
        TargetArray = targets is null ? [] : targets.AsColumnMajorArray() ?? targets.ToColumnMajorArray();
    }

    /// <summary>Samples with a class each.</summary>
    /// <param name="inputs">Features x samples; a dense matrix is not copied.</param>
    /// <param name="labels">The class of each sample, in the order of the columns; not copied.</param>
    /// <exception cref="ArgumentException">
    /// An input is not finite, a label is negative, or there is not one label for each column.
    /// </exception>
    public static TrainingData<T> Labelled(Matrix<T> inputs, int[] labels)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Length != inputs.ColumnCount)
        {
            throw new ArgumentException(
                $"There are {labels.Length} labels for {inputs.ColumnCount} samples; expected one each.", nameof(labels));
        }

        if (Array.FindIndex(labels, label => label < 0) is >= 0 and var negative)
        {
            throw new ArgumentException($"Label {negative} is {labels[negative]}; expected at least 0.", nameof(labels));
        }

        return new TrainingData<T>(inputs, labels, null);
    }

    /// <summary>Samples with a class each, the features rounded to T.</summary>
    /// <param name="data">The samples.</param>
    /// <exception cref="ArgumentException">An input is not finite.</exception>
    public static TrainingData<T> Labelled(LabelledData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Labelled(data.Features.Map(T.CreateChecked, Zeros.Include), data.Labels);
    }

    /// <summary>Samples with a column of targets each.</summary>
    /// <param name="inputs">Features x samples; a dense matrix is not copied.</param>
    /// <param name="targets">Outputs x samples; a dense matrix is not copied.</param>
    /// <exception cref="ArgumentException">An entry is not finite, or the numbers of columns differ.</exception>
    public static TrainingData<T> Regression(Matrix<T> inputs, Matrix<T> targets)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(targets);
        MatrixGuard.RequireFinite(targets, nameof(targets));
        return targets.ColumnCount == inputs.ColumnCount
            ? new TrainingData<T>(inputs, null, targets)
            : throw new ArgumentException(
                $"There are {targets.ColumnCount} columns of targets for {inputs.ColumnCount} samples; expected one each.",
                nameof(targets));
    }

    /// <summary>Features x samples.</summary>
    public Matrix<T> Inputs { get; }

    /// <summary>The class of each sample; null where there are targets.</summary>
    public IReadOnlyList<int>? Labels { get; }

    /// <summary>Outputs x samples; null where there are labels.</summary>
    public Matrix<T>? Targets { get; }

    /// <summary>Number of samples.</summary>
    public int Count => Inputs.ColumnCount;

    internal T[] InputArray { get; }

    internal T[] TargetArray { get; }

    internal int[]? LabelArray => (int[]?)Labels;

    /// <summary>Checks that a network can be trained on the data.</summary>
    internal void RequireFit(int inputSize, int outputSize, string argument)
    {
        if (Inputs.RowCount != inputSize)
        {
            throw new ArgumentException($"The samples have {Inputs.RowCount} features but the network takes {inputSize}.", argument);
        }

        if (Targets is { } targets && targets.RowCount != outputSize)
        {
            throw new ArgumentException($"The targets have {targets.RowCount} rows but the network has {outputSize} outputs.", argument);
        }

        if (LabelArray is { } labels && Array.FindIndex(labels, label => label >= outputSize) is >= 0 and var beyond)
        {
            throw new ArgumentException(
                $"Label {beyond} is {labels[beyond]} but the network has {outputSize} outputs; expected 0 to {outputSize - 1}.", argument);
        }
    }

    /// <summary>Sizes and a check sum of all numbers: what a checkpoint records of the data.</summary>
    internal string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(InputArray.AsSpan()));
        hash.AppendData(MemoryMarshal.AsBytes(TargetArray.AsSpan()));
        hash.AppendData(MemoryMarshal.AsBytes(LabelArray.AsSpan()));
        return $"{Inputs.RowCount} x {Count}, SHA-256 {Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8))}";
    }
}
