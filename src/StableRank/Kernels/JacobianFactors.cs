using System.Buffers;
using System.Numerics;

namespace StableRank.Kernels;

/// <summary>
/// The Jacobian of a block of inputs in factors, a <see cref="FactorPart{T}"/> a layer: what tiles of the kernel are made of.
/// </summary>
internal sealed class JacobianFactors<T>(int count, int outputs) : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly List<T[]> _rented = [];

    /// <summary>The samples of the block.</summary>
    public int Count => count;

    /// <summary>O.</summary>
    public int Outputs => outputs;

    public List<FactorPart<T>> Parts { get; } = [];

    /// <summary>An array of at least that length with arbitrary contents, given back with the block.</summary>
    public T[] Rent(long length)
    {
        var array = ArrayPool<T>.Shared.Rent(Math.Max(checked((int)length), 1));
        _rented.Add(array);
        return array;
    }

    public void Dispose()
    {
        foreach (var array in _rented)
        {
            ArrayPool<T>.Shared.Return(array);
        }

        _rented.Clear();
        Parts.Clear();
    }
}
