using System.Numerics;
using System.Numerics.Tensors;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// Forms the Jacobian of a dense network's outputs by its inputs, J = D_L W_L ... D_1 W_1, at one input after another, in n_L x n_0
/// column-major order: from the inputs up or from the outputs down, whichever takes fewer operations. Used by one thread.
/// </summary>
internal sealed class InputJacobian<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Products whose greatest entry leaves 2^-this .. 2^this are multiplied by a power of two, which is kept apart.</summary>
    private const int RescaleBeyond = 16;

    private readonly IReadOnlyList<Layer<T>> _layers;
    private readonly ForwardPass<T> _pass;
    private readonly MathNet.Numerics.LinearAlgebra.Matrix<T> _input;
    private readonly T[] _inputValues;
    private readonly T[] _slopes;
    private readonly bool _upwards;
    private readonly Network<T> _network;
    private T[] _current;
    private T[] _next;

    /// <exception cref="ArgumentException">A layer is not dense.</exception>
    public InputJacobian(Network<T> network)
    {
        for (var l = 0; l < network.Layers.Count; l++)
        {
            if (network.Layers[l] is not DenseLayer<T>)
            {
                throw new ArgumentException(
                    $"Layer {l + 1} of the network is not dense but {network.Layers[l].GetType().Name}; expected dense layers only.",
                    nameof(network));
            }
        }

        (_network, _layers, _pass) = (network, network.Layers, new ForwardPass<T>(network, 1));
        _inputValues = new T[network.InputSize];
        _input = MathNet.Numerics.LinearAlgebra.Matrix<T>.Build.Dense(network.InputSize, 1, _inputValues);
        _slopes = new T[_layers.Max(layer => layer.OutputSize)];
        var up = _layers.Skip(1).Sum(layer => (double)layer.OutputSize * layer.InputSize) * network.InputSize;
        var down = _layers.SkipLast(1).Sum(layer => (double)layer.OutputSize * layer.InputSize) * network.OutputSize;
        _upwards = up <= down;
        var size = _upwards
            ? _layers.Max(layer => checked(layer.OutputSize * network.InputSize))
            : _layers.Max(layer => checked(layer.InputSize * network.OutputSize));
        (_current, _next) = (new T[size], new T[size]);
    }

    /// <summary>The slopes phi'(h_l) at the last input, layer by layer; null where they are not asked for.</summary>
    public T[][]? Slopes { get; init; }

    /// <summary>J at an input up to a power of two: J = 2^exponent times what is returned, which may be destroyed.</summary>
    /// <exception cref="ArithmeticException">A signal or the Jacobian leaves the range of T.</exception>
    public Span<T> At(ReadOnlySpan<T> input, out int exponent)
    {
        input.CopyTo(_inputValues);
        _network.ForwardChecked(_input, _pass);
        exponent = 0;
        var length = 0;
        for (var step = 0; step < _layers.Count; step++)
        {
            length = _upwards ? Up(step) : Down(_layers.Count - 1 - step);
            exponent += Rescale(_current.AsSpan(0, length), _upwards ? step + 1 : _layers.Count - step);
        }

        return _current.AsSpan(0, length);
    }

    /// <summary>V = D_l W_l V.</summary>
    private int Up(int l)
    {
        var layer = _layers[l];
        var (rows, columns, directions) = (layer.OutputSize, layer.InputSize, _network.InputSize);
        var next = _next.AsSpan(0, rows * directions);
        if (l == 0)
        {
            layer.Weight.Values.AsSpan().CopyTo(next);
        }
        else
        {
            DenseKernel.Multiply<T>(layer.Weight.Values, rows, columns, _current.AsSpan(0, columns * directions), directions, next);
        }

        var slopes = _slopes.AsSpan(0, rows);
        TangentKernel.ApplySlopes<T>(layer.Activation, _pass.Pre[l], rows, slopes, next, directions);
        Keep(l, slopes);
        (_current, _next) = (_next, _current);
        return next.Length;
    }

    /// <summary>V = V D_l W_l.</summary>
    private int Down(int l)
    {
        var layer = _layers[l];
        var (rows, columns, outputs) = (layer.OutputSize, layer.InputSize, _network.OutputSize);
        var slopes = _slopes.AsSpan(0, rows);
        var next = _next.AsSpan(0, outputs * columns);
        if (l == _layers.Count - 1)
        {
            layer.Weight.Values.AsSpan().CopyTo(next);
            TangentKernel.ApplySlopes<T>(layer.Activation, _pass.Pre[l], rows, slopes, next, columns);
        }
        else
        {
            var above = _current.AsSpan(0, outputs * rows);
            if (layer.Activation != Activation.Linear)
            {
                layer.Activation.Derivative<T>(_pass.Pre[l], slopes);
                for (var j = 0; j < rows; j++)
                {
                    var column = above.Slice(j * outputs, outputs);
                    TensorPrimitives.Multiply(column, slopes[j], column);
                }
            }

            Blas.Gemm<T>(
                Transpose.No, Transpose.No, outputs, columns, rows, T.One, above, outputs, layer.Weight.Values, rows, T.Zero, next,
                outputs);
        }

        Keep(l, slopes);
        (_current, _next) = (_next, _current);
        return next.Length;
    }

    private void Keep(int l, Span<T> slopes)
    {
        if (Slopes is not null)
        {
            if (_layers[l].Activation == Activation.Linear)
            {
                slopes.Fill(T.One);
            }

            slopes.CopyTo(Slopes[l]);
        }
    }

    private static int Rescale(Span<T> values, int layer)
    {
        var greatest = T.Abs(TensorPrimitives.MaxMagnitude<T>(values));
        if (!T.IsFinite(greatest))
        {
            throw new ArithmeticException($"The Jacobian left the range of {typeof(T).Name} at layer {layer}.");
        }

        var exponent = greatest == T.Zero ? 0 : T.ILogB(greatest);
        if (Math.Abs(exponent) <= RescaleBeyond)
        {
            return 0;
        }

        // exact; in two factors, either of which T holds
        TensorPrimitives.Multiply(values, T.ScaleB(T.One, -exponent / 2), values);
        TensorPrimitives.Multiply(values, T.ScaleB(T.One, -exponent - (-exponent / 2)), values);
        return exponent;
    }
}
