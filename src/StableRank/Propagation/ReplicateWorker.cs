using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Networks;
using StableRank.Replication;

namespace StableRank.Propagation;

/// <summary>
/// Sends one batch of inputs, and blocks of tangent vectors beside them, through one random network after another; the leaves measure. A
/// layer is drawn, used and forgotten, so that memory does not grow with depth; the numbers are those of <see cref="Model.Sample{T}"/>.
/// </summary>
internal abstract class ReplicateWorker<T> : IReplicateWorker
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T[] _inputs;
    private readonly T[]? _tangents;
    private readonly int _directions;
    private readonly double _rescaleBeyond;
    private readonly bool _rescaleSignals;
    private readonly T[] _weights;
    private readonly T[] _bias;
    private readonly T[] _slopes;
    private readonly double[] _logs;
    private readonly double[] _inputLogs;
    private readonly long[] _exponents;
    private T[] _current;
    private T[] _next;

    /// <param name="model">The model.</param>
    /// <param name="inputs">n_0 x batch, column-major, no column 0.</param>
    /// <param name="batch">The number of inputs.</param>
    /// <param name="tangents">
    /// n_0 x (directions batch), a block of columns for each input, no block 0; or null for random directions, one an input.
    /// </param>
    /// <param name="directions">The tangent vectors of each input.</param>
    /// <param name="rescaleBeyond">Norms outside 2^-this .. 2^this are brought to 1 by powers of two, which are kept apart.</param>
    protected ReplicateWorker(
        Model model, T[] inputs, int batch, T[]? tangents = null, int directions = 1, double rescaleBeyond = ColumnNorms.RescaleBeyond)
    {
        Model = model;
        _inputs = inputs;
        _tangents = tangents;
        _directions = directions;
        _rescaleBeyond = rescaleBeyond;
        Batch = batch;
        // a common factor of x passes through a positively homogeneous layer without biases, and may be kept apart
        _rescaleSignals = model.Layers.All(layer => !layer.HasBias && layer.Activation.IsPiecewiseLinear(out _));
        var widest = Math.Max(model.InputSize, model.Layers.Max(layer => layer.OutputSize));
        _weights = new T[model.Layers.Max(layer => checked(layer.OutputSize * layer.InputSize))];
        _bias = new T[widest];
        _slopes = new T[checked(widest * batch)];
        _current = new T[checked(widest * batch * (1 + directions))];
        _next = new T[_current.Length];
        _logs = new double[2 * batch];
        _inputLogs = new double[2 * batch];
        _exponents = new long[2 * batch];
    }

    /// <summary>The model.</summary>
    protected Model Model { get; }

    /// <summary>The number of inputs.</summary>
    protected int Batch { get; }

    /// <summary>log(||x_l||^2 / ||x_0||^2) of every input, powers of two taken out included.</summary>
    protected ReadOnlySpan<double> SignalLogs => _logs.AsSpan(0, Batch);

    /// <summary>log(||V_l||_F^2 / ||V_0||_F^2) of every input's block of tangent vectors.</summary>
    protected ReadOnlySpan<double> TangentLogs => _logs.AsSpan(Batch);

    public void Run(ulong seed, int replicate, CancellationToken cancellationToken)
    {
        Start(seed, replicate);
        for (var l = 0; l < Model.Depth; l++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var layer = Model.Layers[l];
            Advance(layer, seed, l + 1, replicate);
            Measure(layer.OutputSize, l + 1, replicate);
            Record(replicate, l);
        }
    }

    /// <summary>Called between the weights and the activation of layer l (from 0): h = W x + b, n_l x batch.</summary>
    protected virtual void RecordPreActivations(int replicate, int l, ReadOnlySpan<T> h)
    {
    }

    /// <summary>Called behind layer l (from 0).</summary>
    protected abstract void Record(int replicate, int l);

    /// <summary>What to add to the log of a squared norm of a column of signals: the powers of two taken out below.</summary>
    protected double SignalOffset(int input) => 2 * double.Log(2) * _exponents[input];

    /// <summary>The tangent vectors of an input behind layer l (from 0), n_l x directions, up to a factor.</summary>
    protected ReadOnlySpan<T> Tangents(int input, int l)
    {
        var rows = Model.Layers[l].OutputSize;
        return _current.AsSpan(rows * (Batch + input * _directions), rows * _directions);
    }

    private void Start(ulong seed, int replicate)
    {
        _inputs.CopyTo(_current.AsSpan());
        var tangents = _current.AsSpan(_inputs.Length, _inputs.Length * _directions);
        if (_tangents is null)
        {
            NetworkStreams.Tangents(seed, (ulong)replicate).FillGaussian(tangents);
        }
        else
        {
            _tangents.CopyTo(tangents);
        }

        for (var j = 0; j < 2 * Batch; j++)
        {
            _inputLogs[j] = ColumnNorms.LogSquared<T>(Part(j, Model.InputSize));
            _exponents[j] = 0;
        }
    }

    /// <summary>[X | V] becomes [phi(W X + b) | phi'(W X + b) o W V]: one GEMM for all.</summary>
    private void Advance(LayerSpecification layer, ulong seed, int number, int replicate)
    {
        int rows = layer.OutputSize, columns = layer.InputSize;
        var weights = _weights.AsSpan(0, rows * columns);
        var bias = layer.HasBias ? _bias.AsSpan(0, rows) : [];
        layer.SampleInto(weights, bias, seed, number, (ulong)replicate);
        var vectors = Batch * (1 + _directions);
        var both = _next.AsSpan(0, rows * vectors);
        DenseKernel.Multiply<T>(weights, rows, columns, _current.AsSpan(0, columns * vectors), vectors, both);
        var signals = both[..(rows * Batch)];
        var tangents = both[(rows * Batch)..];
        DenseKernel.AddBias<T>(bias, rows, signals);
        RecordPreActivations(replicate, number - 1, signals);
        TangentKernel.ApplySlopes<T>(
            layer.Activation, signals, rows, _slopes.AsSpan(0, signals.Length), tangents, _directions);
        if (layer.Activation != Activation.Linear)
        {
            layer.Activation.Apply<T>(signals, signals);
        }

        (_current, _next) = (_next, _current);
    }

    private void Measure(int rows, int number, int replicate)
    {
        for (var j = 0; j < 2 * Batch; j++)
        {
            var part = Part(j, rows);
            var log = ColumnNorms.LogSquared<T>(part);
            if (double.IsNaN(log) || double.IsPositiveInfinity(log))
            {
                throw new ArithmeticException(
                    $"The {(j < Batch ? "signal" : "tangent vector")} of input {j % Batch} left the range of {typeof(T).Name} "
                    + $"in layer {number} of replicate {replicate}.");
            }

            _logs[j] = log + Offset(j);
            if (j >= Batch || _rescaleSignals)
            {
                _exponents[j] += ColumnNorms.Rescale(part, log, _rescaleBeyond);
            }
        }
    }

    /// <summary>Powers of two are counted in whole numbers, so that a deep network's rounding does not add up.</summary>
    private double Offset(int j) => 2 * double.Log(2) * _exponents[j] - _inputLogs[j];

    /// <summary>The columns: signal j below batch, then the block of tangent vectors of input j - batch.</summary>
    private Span<T> Part(int j, int rows) =>
        j < Batch
            ? _current.AsSpan(j * rows, rows)
            : _current.AsSpan(rows * (Batch + (j - Batch) * _directions), rows * _directions);
}
