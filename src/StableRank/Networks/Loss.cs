using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// A loss of a batch of outputs f, one sample a column, as a mean over the N samples, with its gradient dL/df. Nothing is allocated where
/// the gradient is wanted; without it a workspace comes from the shared pool. Sums are taken in double. A NaN or a positive infinity among
/// the outputs gives a loss that is not finite.
/// </summary>
public abstract class Loss
{
    private protected Loss()
    {
    }

    /// <summary>1/(2 N) times the sum of (f - y)^2 over all entries: half of a sample's squared distance.</summary>
    public static Loss SquaredError { get; } = new SquaredError();

    /// <summary>The mean over the samples of -sum_c y_c log softmax(f)_c.</summary>
    public static Loss SoftmaxCrossEntropy { get; } = new SoftmaxCrossEntropy();

    /// <summary>The loss's name: "squared-error", "cross-entropy".</summary>
    public abstract string Name { get; }

    /// <summary>The loss against targets of the outputs' shape, and its gradient.</summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <param name="outputs">f, m x N.</param>
    /// <param name="targets">y, m x N: for the cross-entropy, probabilities of the classes.</param>
    /// <param name="gradient">Takes dL/df, m N entries, one sample after the other; or empty, where it is not wanted.</param>
    /// <exception cref="ArgumentException">The shapes differ; the message names both.</exception>
    public double Evaluate<T>(Matrix<T> outputs, Matrix<T> targets, Span<T> gradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(targets);
        if (outputs.RowCount != targets.RowCount || outputs.ColumnCount != targets.ColumnCount)
        {
            throw new ArgumentException(
                $"The targets are {targets.RowCount} x {targets.ColumnCount} but the outputs "
                + $"{outputs.RowCount} x {outputs.ColumnCount}; expected the same shape.",
                nameof(targets));
        }

        var y = targets.AsColumnMajorArray() ?? targets.ToColumnMajorArray();
        return Evaluate<T>(outputs, y, gradient);
    }

    /// <summary>The loss against targets of the outputs' shape, and its gradient.</summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <param name="outputs">f, m x N.</param>
    /// <param name="targets">y, m N entries, one sample after the other: for the cross-entropy, probabilities of the classes.</param>
    /// <param name="gradient">Takes dL/df, m N entries, one sample after the other; or empty, where it is not wanted.</param>
    /// <exception cref="ArgumentException">A length is not m N.</exception>
    public double Evaluate<T>(Matrix<T> outputs, ReadOnlySpan<T> targets, Span<T> gradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var f = Elements(outputs, gradient);
        if (targets.Length != f.Length)
        {
            throw new ArgumentException(
                $"There are {targets.Length} targets; expected {outputs.RowCount} x {outputs.ColumnCount} = {f.Length}.",
                nameof(targets));
        }

        if (!gradient.IsEmpty)
        {
            return OfTargets(f, outputs.RowCount, targets, gradient);
        }

        using var rented = new Rented<T>(f.Length);
        return OfTargets(f, outputs.RowCount, targets, rented.Span);
    }

    /// <summary>
    /// The loss against labels, and its gradient. A label c stands for the target that is 1 in row c and 0 elsewhere.
    /// </summary>
    /// <typeparam name="T">double or float.</typeparam>
    /// <param name="outputs">f, m x N.</param>
    /// <param name="labels">N numbers from 0 to m - 1.</param>
    /// <param name="gradient">Takes dL/df, m N entries, one sample after the other; or empty, where it is not wanted.</param>
    /// <exception cref="ArgumentException">A length is wrong, or a label is out of range; the message names it.</exception>
    public double Evaluate<T>(Matrix<T> outputs, ReadOnlySpan<int> labels, Span<T> gradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var f = Elements(outputs, gradient);
        if (labels.Length != outputs.ColumnCount)
        {
            throw new ArgumentException(
                $"There are {labels.Length} labels; expected {outputs.ColumnCount}, one a sample.", nameof(labels));
        }

        for (var j = 0; j < labels.Length; j++)
        {
            if ((uint)labels[j] >= (uint)outputs.RowCount)
            {
                throw new ArgumentException(
                    $"Label {j} is {labels[j]}; expected 0 to {outputs.RowCount - 1}, a row of the outputs.", nameof(labels));
            }
        }

        if (!gradient.IsEmpty)
        {
            return OfLabels(f, outputs.RowCount, labels, gradient);
        }

        using var rented = new Rented<T>(f.Length);
        return OfLabels(f, outputs.RowCount, labels, rented.Span);
    }

    /// <summary>The name.</summary>
    public sealed override string ToString() => Name;

    private protected abstract double OfTargets<T>(ReadOnlySpan<T> outputs, int rows, ReadOnlySpan<T> targets, Span<T> gradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    private protected abstract double OfLabels<T>(ReadOnlySpan<T> outputs, int rows, ReadOnlySpan<int> labels, Span<T> gradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    private static T[] Elements<T>(Matrix<T> outputs, Span<T> gradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(outputs);
        Precision.Require<T>();
        var f = outputs.AsColumnMajorArray() ?? outputs.ToColumnMajorArray();
        if (!gradient.IsEmpty && gradient.Length != f.Length)
        {
            throw new ArgumentException(
                $"The gradient has room for {gradient.Length} entries; expected {outputs.RowCount} x {outputs.ColumnCount} = {f.Length}.",
                nameof(gradient));
        }

        return f;
    }
}
