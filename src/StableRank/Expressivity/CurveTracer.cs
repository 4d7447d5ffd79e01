using System.Numerics;
using System.Numerics.Tensors;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Expressivity;

/// <summary>
/// Follows one curve through one network after another: keeps the images and unit tangents of every point in every layer, and halves the
/// pieces of the curve where length or turn are not yet resolved. Used by one thread.
/// </summary>
internal sealed class CurveTracer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Columns that go through a layer at a time: their scratch stays in cache.</summary>
    private const int Batch = 256;

    private readonly Curve _curve;
    private readonly CurveOptions _options;
    private readonly int _grid;
    private readonly List<double> _parameters = [];
    private readonly double[] _point;
    private readonly double[] _tangent;
    private DenseLayer<T>[] _layers = [];
    private CurveLevel<T>[] _levels = [];
    private T[] _current = [];
    private T[] _next = [];
    private T[] _slopes = [];

    public CurveTracer(Curve curve, CurveOptions options)
    {
        (_curve, _options) = (curve, options);
        _grid = checked((options.Pieces + curve.Pieces - 1) / curve.Pieces * curve.Pieces);
        (_point, _tangent) = (new double[curve.Size], new double[curve.Size]);
    }

    /// <summary>Measures the images of the curve in every layer of a network of the curve's size.</summary>
    public CurveMeasurement Trace(Network<T> network)
    {
        Take(network);
        var step = (_curve.End - _curve.Start) / _grid;
        Add([.. Enumerable.Range(0, _grid + 1).Select(i => i == _grid ? _curve.End : _curve.Start + i * step)]);
        var pieces = new CurvePieces<T>(_levels, _grid, _options, _parameters, Narrowest());

        // nothing is known of the errors of a piece that was never halved
        Halve(pieces, [.. Enumerable.Range(0, _grid)]);
        bool converged;
        while (pieces.Choose(Math.Max(0, _options.MaximumPoints - _parameters.Count), out converged) is { Count: > 0 } chosen)
        {
            Halve(pieces, chosen);
        }

        var eps = typeof(T) == typeof(float) ? Math.ScaleB(1, -23) : Math.ScaleB(1, -52);
        var results = _levels.Select((level, l) => Reduce(level, l, pieces, eps)).ToArray();
        return new CurveMeasurement(results[0], results[1..], step, _parameters.Count, converged);
    }

    private void Halve(CurvePieces<T> pieces, IReadOnlyList<int> chosen)
    {
        var first = _parameters.Count;
        Add([.. chosen.Select(pieces.Middle)]);
        pieces.Halve(chosen, first);
    }

    /// <summary>Pieces narrower than this are one point: kinks that fall together in it are one corner.</summary>
    private double Narrowest() => Math.ScaleB(_curve.End - _curve.Start, typeof(T) == typeof(float) ? -18 : -40);

    private void Take(Network<T> network)
    {
        if (network.InputSize != _curve.Size)
        {
            throw new ArgumentException(
                $"The points of the curve have {_curve.Size} entries; expected {network.InputSize}, as the network's inputs.",
                nameof(network));
        }

        _layers = [.. network.Layers.Select((layer, l) => layer as DenseLayer<T> ?? throw new ArgumentException(
            $"Layer {l + 1} of the network is not dense but {layer.GetType().Name}; expected dense layers only.", nameof(network)))];
        if (_levels.Length != _layers.Length + 1)
        {
            _levels = [.. Enumerable.Range(0, _layers.Length + 1).Select(_ => new CurveLevel<T>())];
        }

        _levels[0].Restart(_curve.Size, kinked: false);
        for (var l = 0; l < _layers.Length; l++)
        {
            var kinked = _layers[l].Activation.IsPiecewiseLinear(out var slope) && slope != 1;
            _levels[l + 1].Restart(_layers[l].OutputSize, kinked);
        }

        var widest = Math.Max(_curve.Size, _layers.Max(layer => layer.OutputSize));
        if (_current.Length < checked(2 * Batch * widest))
        {
            (_current, _next, _slopes) = (new T[2 * Batch * widest], new T[2 * Batch * widest], new T[Batch * widest]);
        }

        _parameters.Clear();
    }

    private void Add(double[] parameters)
    {
        for (var start = 0; start < parameters.Length; start += Batch)
        {
            AddBatch(parameters.AsSpan(start, Math.Min(Batch, parameters.Length - start)));
        }
    }

    /// <summary>[X | U] becomes [phi(W X + b) | phi'(W X + b) o W U], layer after layer: one product for all.</summary>
    private void AddBatch(ReadOnlySpan<double> parameters)
    {
        var count = parameters.Length;
        var size = _curve.Size;
        var first = _parameters.Count;
        for (var j = 0; j < count; j++)
        {
            _curve.Evaluate(parameters[j], _point, _tangent);
            for (var i = 0; i < size; i++)
            {
                _current[j * size + i] = T.CreateTruncating(_point[i]);
                _current[(count + j) * size + i] = T.CreateTruncating(_tangent[i]);
            }

            _parameters.Add(parameters[j]);
        }

        _levels[0].Append(_current.AsSpan(0, count * size), _current.AsSpan(count * size, count * size), first, null);
        for (var l = 0; l < _layers.Length; l++)
        {
            var layer = _layers[l];
            var rows = layer.OutputSize;
            var both = _next.AsSpan(0, 2 * count * rows);
            DenseKernel.Multiply<T>(
                layer.Weight.Values, rows, layer.InputSize, _current.AsSpan(0, 2 * count * layer.InputSize), 2 * count, both);
            var signals = both[..(count * rows)];
            var tangents = both[(count * rows)..];
            DenseKernel.AddBias<T>(layer.BiasParameter?.Values, rows, signals);
            var level = _levels[l + 1];
            level.AppendSigns(signals, tangents, first);
            if (_options.Signal == CurveSignal.PreActivations)
            {
                level.Append(signals, tangents, first, _levels[l]);
            }

            if (layer.Activation != Activation.Linear)
            {
                var slopes = _slopes.AsSpan(0, signals.Length);
                layer.Activation.Derivative<T>(signals, slopes);
                if (level.IsKinked && signals.Contains(T.Zero))
                {
                    TakeFromTheRight(signals, tangents, slopes);
                }

                TensorPrimitives.Multiply(tangents, slopes, tangents);
                layer.Activation.Apply<T>(signals, signals);
            }

            if (_options.Signal == CurveSignal.PostActivations)
            {
                level.Append(signals, tangents, first, _levels[l]);
            }

            (_current, _next) = (_next, _current);
        }
    }

    /// <summary>
    /// At a kink derivatives are those from the left; a curve that goes up through it has slope 1 behind it. So a point that falls on
    /// kinks, as the origin of a network without biases does, has the tangent with which the image goes on.
    /// </summary>
    private static void TakeFromTheRight(ReadOnlySpan<T> signals, ReadOnlySpan<T> tangents, Span<T> slopes)
    {
        for (var i = 0; i < signals.Length; i++)
        {
            if (signals[i] == T.Zero && tangents[i] > T.Zero)
            {
                slopes[i] = T.One;
            }
        }
    }

    private CurveLayer Reduce(CurveLevel<T> level, int l, CurvePieces<T> pieces, double eps)
    {
        // a signal is uncertain by some eps a layer of itself, and so is a unit tangent: each end of each piece adds that at most
        var rounding = 4 * (l + 1) * eps * pieces.Count;
        var (length, lengthError, turn, turnError) = pieces.Totals(l);
        return new CurveLayer(
            l, level.Size, length, lengthError + rounding * level.LargestNorm, turn, turnError + rounding, level.MeanSquareSpeed(_grid),
            level.SelfSimilarity(_grid, _curve.IsClosed));
    }
}
