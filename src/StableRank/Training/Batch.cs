using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Training;

/// <summary>Room for a batch of a fixed size on its way through a network and back; filled and evaluated without allocating.</summary>
internal sealed class Batch<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Network<T> _network;
    private readonly Loss _loss;
    private readonly T[] _inputs;
    private readonly Matrix<T> _inputMatrix;
    private readonly int[] _labels;
    private readonly T[] _targets;
    private readonly T[] _outputGradient;
    private bool _labelled;

    public Batch(Network<T> network, Loss loss, int size)
    {
        _network = network;
        _loss = loss;
        Size = size;
        _inputs = new T[checked(network.InputSize * size)];
        _inputMatrix = Matrix<T>.Build.Dense(network.InputSize, size, _inputs);
        _labels = new int[size];
        _targets = new T[checked(network.OutputSize * size)];
        _outputGradient = new T[_targets.Length];
        Forward = new ForwardPass<T>(network, size);
    }

    public int Size { get; }

    public ForwardPass<T> Forward { get; }

    /// <summary>The backward pass; a batch that is only evaluated never makes it.</summary>
    public BackwardPass<T> Backward => field ??= new BackwardPass<T>(_network, Size);

    /// <summary>Copies the samples of these indices in.</summary>
    public void Gather(TrainingData<T> data, ReadOnlySpan<int> indices)
    {
        var (rows, outputs) = (_network.InputSize, _network.OutputSize);
        _labelled = data.LabelArray is not null;
        for (var j = 0; j < Size; j++)
        {
            var sample = indices[j];
            data.InputArray.AsSpan(sample * rows, rows).CopyTo(_inputs.AsSpan(j * rows, rows));
            if (_labelled)
            {
                _labels[j] = data.LabelArray![sample];
            }
            else
            {
                data.TargetArray.AsSpan(sample * outputs, outputs).CopyTo(_targets.AsSpan(j * outputs, outputs));
            }
        }
    }

    /// <summary>
    /// Runs the forward pass and returns the mean loss; the gradient at the outputs is kept for <see cref="RunBackward"/>.
    /// </summary>
    public double RunForward()
    {
        // the data was found to be finite when it was made
        _network.ForwardChecked(_inputMatrix, Forward);
        return _labelled
            ? _loss.Evaluate<T>(Forward.Outputs, _labels, _outputGradient)
            : _loss.Evaluate<T>(Forward.Outputs, _targets.AsSpan(), _outputGradient);
    }

    /// <summary>
    /// Runs the backward pass into the parameters' gradients; into those of weights not, where a step of gradient descent does without.
    /// </summary>
    public void RunBackward(bool withGradients = true) => _network.Backward(Forward, _outputGradient, Backward, withGradients);

    /// <summary>The gradients that a backward pass without them left out.</summary>
    public void CompleteGradients() => _network.WeightGradients(Forward, Backward);

    /// <summary>Samples whose largest output is their label's; among equals the lowest row counts. 0 without labels.</summary>
    public int CountCorrect()
    {
        if (!_labelled)
        {
            return 0;
        }

        var outputs = Forward.Outputs.AsColumnMajorArray();
        var (rows, correct) = (_network.OutputSize, 0);
        for (var j = 0; j < Size; j++)
        {
            var column = outputs.AsSpan(j * rows, rows);
            var largest = 0;
            for (var i = 1; i < rows; i++)
            {
                if (column[i] > column[largest])
                {
                    largest = i;
                }
            }

            correct += largest == _labels[j] ? 1 : 0;
        }

        return correct;
    }
}
