using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Expressivity;

/// <summary>
/// The corners of all cells, each kept once whatever the number of cells that it belongs to: coordinates, and what the layer in hand makes
/// of them. Since the network is continuous, a corner has one value for all its cells.
/// </summary>
/// <remarks>
/// A value counts as zero where its size is within <see cref="PartitionLayer.Safety"/> (||w|| e + eps |b|): e = E / sqrt(n) + sqrt(n) eps
/// ||x|| is the expected rounding error of w x relative to ||w||, E that of x in norm, for errors that are independent of one another. A
/// corner that a neuron cuts from an edge is uncertain in its place, by the tolerance of that neuron's value over its change along the
/// edge, in parts of the edge: what other values change over that much is added to their tolerances, and to E.
/// </remarks>
internal sealed class PartitionVertices
{
    private const int WordBits = 64;

    private readonly int _dimension;
    private double[] _coordinates;
    private double[] _values;
    private double[] _errors;
    private double[] _places;
    private ulong[] _positive = [];
    private ulong[] _negative = [];
    private PartitionLayer? _layer;

    /// <param name="dimension">Of the coordinates: 1 or 2.</param>
    /// <param name="coordinates">One corner after the other.</param>
    /// <param name="inputs">n_0 x corners, column-major.</param>
    /// <param name="error">The expected rounding error of an input, in norm.</param>
    public PartitionVertices(int dimension, double[] coordinates, double[] inputs, double error)
    {
        _dimension = dimension;
        _coordinates = coordinates;
        _values = PartitionBuffers.Take(inputs.Length);
        inputs.CopyTo(_values, 0);
        Count = coordinates.Length / dimension;
        Width = inputs.Length / Count;
        _errors = new double[Count];
        Array.Fill(_errors, error);
        _places = new double[Count];
    }

    public int Count { get; private set; }

    /// <summary>The number of values of a corner.</summary>
    public int Width { get; private set; }

    /// <summary>The words of a corner's signs.</summary>
    public int Words { get; private set; }

    public ReadOnlySpan<double> Coordinates(int vertex) => _coordinates.AsSpan(vertex * _dimension, _dimension);

    public ReadOnlySpan<double> Values(int vertex) => _values.AsSpan(vertex * Width, Width);

    /// <summary>A bit a neuron: whether its pre-activation is positive.</summary>
    public ReadOnlySpan<ulong> Positive(int vertex) => _positive.AsSpan(vertex * Words, Words);

    /// <summary>A bit a neuron: whether its pre-activation is negative.</summary>
    public ReadOnlySpan<ulong> Negative(int vertex) => _negative.AsSpan(vertex * Words, Words);

    /// <summary>The sign of a neuron's pre-activation: 1, 0 or -1.</summary>
    public int Sign(int vertex, int neuron)
    {
        var word = (vertex * Words) + (neuron / WordBits);
        var bit = 1UL << (neuron % WordBits);
        return (_positive[word] & bit) != 0 ? 1 : (_negative[word] & bit) != 0 ? -1 : 0;
    }

    /// <summary>Values become pre-activations: one GEMM over all corners.</summary>
    /// <exception cref="ArithmeticException">One is not finite.</exception>
    public void Multiply(PartitionLayer layer, int number)
    {
        var (m, n) = (layer.Rows, layer.Columns);
        var root = Math.Sqrt(n);
        for (var v = 0; v < Count; v++)
        {
            _errors[v] = (_errors[v] / root) + (root * MachineEpsilon.Double * TensorPrimitives.Norm(Values(v)));
        }

        var next = PartitionBuffers.Take(checked(m * Count));
        Blas.Gemm<double>(Transpose.No, Transpose.No, m, Count, n, 1, layer.Weights, m, _values, n, 0, next, m);
        var finite = true;
        for (var v = 0; v < Count; v++)
        {
            var z = next.AsSpan(v * m, m);
            if (layer.Bias is { } bias)
            {
                TensorPrimitives.Add(z, bias, z);
            }

            finite &= Finiteness.All<double>(z);
        }

        if (!finite)
        {
            throw new ArithmeticException($"A pre-activation of layer {number} is not finite; expected weights and inputs of less size.");
        }

        PartitionBuffers.Give(_values);
        _layer = layer;
        _values = next;
        Width = m;
    }

    /// <summary>The signs of all pre-activations.</summary>
    public void Classify()
    {
        Words = (Width + WordBits - 1) / WordBits;
        Fit(ref _positive, checked(Words * Count));
        Fit(ref _negative, Words * Count);
        for (var v = 0; v < Count; v++)
        {
            Classify(v, v, v, 0);
        }
    }

    /// <summary>Makes room for so many corners more, or as many as arrays can hold.</summary>
    /// <exception cref="InvalidOperationException">They can hold no more.</exception>
    public void Reserve(int more)
    {
        var capacity = (int)Math.Min((long)Count + more, Array.MaxLength / Math.Max(Math.Max(Width, Words), _dimension));
        if (capacity <= Count && more > 0)
        {
            throw new InvalidOperationException(
                $"The partition has more than {Count} corners of {Width} values each; expected at most {Array.MaxLength} values.");
        }

        Fit(ref _errors, capacity);
        Fit(ref _places, capacity);
        Fit(ref _coordinates, capacity * _dimension);
        Fit(ref _positive, capacity * Words);
        Fit(ref _negative, capacity * Words);
        if (_values.Length < capacity * Width)
        {
            _values = PartitionBuffers.Exchange(_values, Count * Width, capacity * Width);
        }
    }

    /// <summary>Keeps no more than the values and coordinates, and those in arrays of their own.</summary>
    public void Finish()
    {
        var values = _values.AsSpan(0, Count * Width).ToArray();
        PartitionBuffers.Give(_values);
        _values = values;
        (_positive, _negative, _errors, _places) = ([], [], [], []);
    }

    /// <summary>Adds the corner on the edge between two where a neuron's pre-activation, of different signs there, is zero.</summary>
    public int Split(int a, int b, int neuron)
    {
        // the same number whichever cell asks
        (a, b) = (Math.Min(a, b), Math.Max(a, b));
        var w = Count;
        Grow();
        double za = _values[(a * Width) + neuron], zb = _values[(b * Width) + neuron];
        var share = za / (za - zb);
        Between(_coordinates, _dimension, a, b, w, share);
        Between(_values, Width, a, b, w, share);
        Between(_errors, 1, a, b, w, share);
        var uncertainty = Tolerance(neuron, _errors[w]) / Math.Abs(za - zb);
        _places[w] = uncertainty / PartitionLayer.Safety * TensorPrimitives.Distance(Values(a), Values(b));
        _values[(w * Width) + neuron] = 0;
        Classify(w, a, b, uncertainty);

        // rounding must not give a corner a sign that neither end has: cells that a neuron does not cross stay so
        for (var k = 0; k < Words; k++)
        {
            _positive[(w * Words) + k] &= _positive[(a * Words) + k] | _positive[(b * Words) + k];
            _negative[(w * Words) + k] &= _negative[(a * Words) + k] | _negative[(b * Words) + k];
        }

        return w;
    }

    /// <summary>Pre-activations become post-activations.</summary>
    public void Activate()
    {
        var layer = _layer!;
        if (layer.Splits)
        {
            PartitionLoops.Activate(_values.AsSpan(0, Count * Width), layer.Slope);
        }

        for (var v = 0; v < Count; v++)
        {
            _errors[v] = layer.Stretch * ((layer.Norm * _errors[v]) + (MachineEpsilon.Double * layer.BiasNorm) + _places[v]);
        }

        Array.Clear(_places);
    }

    private double Tolerance(int neuron, double error) =>
        (_layer!.RowTolerances[neuron] * error) + _layer.BiasTolerances[neuron];

    /// <summary>The signs at a corner that lies between two, somewhere within a part of the edge.</summary>
    private void Classify(int v, int a, int b, double uncertainty)
    {
        PartitionLoops.Signs(
            Values(v), _layer!.RowTolerances, _errors[v], _layer.BiasTolerances, uncertainty, Values(a), Values(b),
            _positive.AsSpan(v * Words, Words), _negative.AsSpan(v * Words, Words));
    }

    private void Grow()
    {
        long next = Count + 1;
        var fits = next <= _errors.Length && next * _dimension <= _coordinates.Length && next * Words <= _positive.Length
            && next * Width <= _values.Length;
        if (!fits)
        {
            Reserve(Math.Max(16, Count / 2));
        }

        Count++;
    }

    private static void Fit<TElement>(ref TElement[] array, int length)
    {
        if (array.Length < length)
        {
            Array.Resize(ref array, length);
        }
    }

    private static void Between(double[] array, int width, int a, int b, int target, double share)
    {
        ReadOnlySpan<double> from = array.AsSpan(a * width, width);
        var to = array.AsSpan(b * width, width);
        var result = array.AsSpan(target * width, width);
        TensorPrimitives.Subtract<double>(to, from, result);
        TensorPrimitives.MultiplyAdd<double>(result, share, from, result);
    }
}
