using System.Numerics;
using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Propagation;

/// <summary>
/// Sends one batch of inputs, and tangent vectors beside them, through one random network after another. A layer is drawn, used and
/// forgotten, so that memory does not grow with depth; the numbers are those of <see cref="Model.Sample{T}"/>.
/// </summary>
internal sealed class ReplicateWorker<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Model _model;
    private readonly T[] _inputs;
    private readonly T[]? _tangents;
    private readonly int _batch;
    private readonly bool _rescaleSignals;
    private readonly T[] _weights;
    private readonly T[] _bias;
    private readonly T[] _slopes;
    private readonly double[] _logs;
    /// <summary>What to add to the log-norm of a column to have it relative to its input's, powers of two taken out included.</summary>
    private readonly double[] _offsets;
    private T[] _current;
    private T[] _next;

    /// <param name="model">The model.</param>
    /// <param name="inputs">n_0 x batch, column-major, no column 0.</param>
    /// <param name="tangents">The same shape, no column 0, or null for random directions.</param>
    /// <param name="batch">The number of inputs.</param>
    public ReplicateWorker(Model model, T[] inputs, T[]? tangents, int batch)
    {
        _model = model;
        _inputs = inputs;
        _tangents = tangents;
        _batch = batch;
        // a common factor of x passes through a positively homogeneous layer without biases, and may be kept apart
        _rescaleSignals = model.Layers.All(layer => !layer.HasBias && layer.Activation.IsPiecewiseLinear(out _));
        var widest = Math.Max(model.InputSize, model.Layers.Max(layer => layer.OutputSize));
        _weights = new T[model.Layers.Max(layer => checked(layer.OutputSize * layer.InputSize))];
        _bias = new T[widest];
        _slopes = new T[checked(widest * batch)];
        _current = new T[checked(2 * widest * batch)];
        _next = new T[_current.Length];
        _logs = new double[2 * batch];
        _offsets = new double[2 * batch];
    }

    public void Run(ulong seed, int replicate, ReplicateTable table, CancellationToken cancellationToken)
    {
        Start(seed, replicate);
        for (var l = 0; l < _model.Depth; l++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var layer = _model.Layers[l];
            Advance(layer, seed, l + 1, replicate);
            Measure(layer.OutputSize, l + 1, replicate);
            Record(table, table.Index(replicate, l));
        }
    }

    private void Start(ulong seed, int replicate)
    {
        _inputs.CopyTo(_current.AsSpan());
        var tangents = _current.AsSpan(_inputs.Length, _inputs.Length);
        if (_tangents is null)
        {
            NetworkStreams.Tangents(seed, (ulong)replicate).FillGaussian(tangents);
        }
        else
        {
            _tangents.CopyTo(tangents);
        }

        for (var j = 0; j < 2 * _batch; j++)
        {
            _offsets[j] = -ColumnNorms.LogSquared<T>(_current.AsSpan(j * _model.InputSize, _model.InputSize));
        }
    }

    /// <summary>[X | V] becomes [phi(W X + b) | phi'(W X + b) o W V]: one GEMM for both halves.</summary>
    private void Advance(LayerSpecification layer, ulong seed, int number, int replicate)
    {
        int rows = layer.OutputSize, columns = layer.InputSize;
        var weights = _weights.AsSpan(0, rows * columns);
        var bias = layer.HasBias ? _bias.AsSpan(0, rows) : [];
        layer.SampleInto(weights, bias, seed, number, (ulong)replicate);
        var both = _next.AsSpan(0, 2 * rows * _batch);
        DenseKernel.Multiply<T>(weights, rows, columns, _current.AsSpan(0, 2 * columns * _batch), 2 * _batch, both);
        var signals = both[..(rows * _batch)];
        var tangents = both[(rows * _batch)..];
        DenseKernel.AddBias<T>(bias, rows, signals);
        if (layer.Activation != Activation.Linear)
        {
            var slopes = _slopes.AsSpan(0, signals.Length);
            layer.Activation.Derivative<T>(signals, slopes);
            TensorPrimitives.Multiply(tangents, slopes, tangents);
            layer.Activation.Apply<T>(signals, signals);
        }

        (_current, _next) = (_next, _current);
    }

    private void Measure(int rows, int number, int replicate)
    {
        for (var j = 0; j < 2 * _batch; j++)
        {
            var column = _current.AsSpan(j * rows, rows);
            var log = ColumnNorms.LogSquared<T>(column);
            if (double.IsNaN(log) || double.IsPositiveInfinity(log))
            {
                throw new ArithmeticException(
                    $"The {(j < _batch ? "signal" : "tangent vector")} of input {j % _batch} left the range of {typeof(T).Name} "
                    + $"in layer {number} of replicate {replicate}.");
            }

            _logs[j] = log + _offsets[j];
            if (j >= _batch || _rescaleSignals)
            {
                _offsets[j] += 2 * double.Log(2) * ColumnNorms.Rescale(column, log);
            }
        }
    }

    private void Record(ReplicateTable table, int index)
    {
        var signals = _logs.AsSpan(0, _batch);
        var alive = 0;
        var sum = 0.0;
        foreach (var log in signals)
        {
            if (!double.IsNegativeInfinity(log))
            {
                alive++;
                sum += log;
            }
        }

        table.LogSecond[index] = ReplicateStatistics.LogMeanExp(signals, 1);
        table.LogFourth[index] = ReplicateStatistics.LogMeanExp(signals, 2);
        table.LogTangent[index] = ReplicateStatistics.LogMeanExp(_logs.AsSpan(_batch), 1);
        table.LogSum[index] = sum;
        table.Alive[index] = alive;
    }
}
