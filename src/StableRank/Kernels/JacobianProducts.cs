using System.Numerics;
using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Kernels;

/// <summary>
/// Products with the Jacobian of a network's outputs by its parameters, without the Jacobian: J u by forward mode, J^T v by a backward
/// pass, in blocks of samples.
/// </summary>
/// <param name="network">The network; its weights are read at every call, its gradients not touched.</param>
internal sealed class JacobianProducts<T>(Network<T> network)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Entries that the passes of a block hold, about: 128 MB in double.</summary>
    private const double BlockEntries = 1 << 24;

    private readonly Network<T> _own = network.WithOwnGradients();

    /// <summary>Samples of a block, where memory is not to choose them.</summary>
    public int? BlockSamples { get; init; }

    private int Block => BlockSamples
        ?? (int)Math.Max(1, BlockEntries / (_own.InputSize + (3.0 * _own.Layers.Sum(layer => (double)layer.OutputSize))));

    /// <summary>J u: the derivative of the outputs, O x count, along a direction.</summary>
    /// <param name="inputs">n_0 x count, column-major.</param>
    /// <param name="count">The samples.</param>
    /// <param name="direction">u, one array a parameter.</param>
    /// <param name="outputs">Where f(X) is to be written too, O x count; or null.</param>
    public T[] Apply(T[] inputs, int count, T[][] direction, T[]? outputs = null)
    {
        var o = _own.OutputSize;
        var result = new T[checked(o * count)];
        var widest = _own.Layers.Max(layer => layer.OutputSize);
        var block = Math.Min(Block, count);
        var (current, next) = (new T[checked(widest * block)], new T[checked(widest * block)]);
        for (var first = 0; first < count; first += block)
        {
            var batch = Math.Min(block, count - first);
            var pass = Forward(inputs, first, batch);
            int p = 0, length = 0;
            for (var l = 0; l < _own.Layers.Count; l++)
            {
                var layer = _own.Layers[l];
                var below = l > 0 ? pass.Post[l - 1] : pass.InputArray;
                var size = layer.OutputSize * batch;
                layer.Tangent(
                    direction.AsSpan(p, layer.Parameters.Count), below, current.AsSpan(0, length), batch, pass.Pre[l], pass.Post[l],
                    next.AsSpan(0, size), pass.Workspace);
                (current, next, length) = (next, current, size);
                p += layer.Parameters.Count;
            }

            current.AsSpan(0, length).CopyTo(result.AsSpan(first * o));
            if (outputs is not null)
            {
                pass.Post[^1].CopyTo(outputs, first * o);
            }
        }

        return result;
    }

    /// <summary>J^T v, one array a parameter, summed over the samples.</summary>
    /// <param name="inputs">n_0 x count, column-major.</param>
    /// <param name="count">The samples.</param>
    /// <param name="v">O x count.</param>
    public T[][] ApplyTransposed(T[] inputs, int count, ReadOnlySpan<T> v)
    {
        var o = _own.OutputSize;
        var sums = _own.Parameters.Select(parameter => new T[parameter.Values.Length]).ToArray();
        var block = Math.Min(Block, count);
        for (var first = 0; first < count; first += block)
        {
            var batch = Math.Min(block, count - first);
            _own.Backward(Forward(inputs, first, batch), v.Slice(first * o, batch * o));
            for (var p = 0; p < sums.Length; p++)
            {
                TensorPrimitives.Add<T>(sums[p], _own.Parameters[p].Gradient, sums[p]);
            }
        }

        return sums;
    }

    private ForwardPass<T> Forward(T[] inputs, int first, int batch)
    {
        var n = _own.InputSize;
        return _own.Forward(Matrix<T>.Build.Dense(n, batch, inputs.AsSpan(first * n, batch * n).ToArray()));
    }
}
