using System.Buffers;

namespace StableRank.LinearAlgebra;

/// <summary>A workspace from the shared array pool, given back when disposed; its contents are arbitrary at the start.</summary>
internal readonly ref struct Rented<T> : IDisposable
    where T : unmanaged
{
    public Rented(int length)
    {
        Array = ArrayPool<T>.Shared.Rent(Math.Max(length, 1));
        Length = length;
    }

    public T[] Array { get; }

    public int Length { get; }

    public Span<T> Span => Array.AsSpan(0, Length);

    public void Dispose() => ArrayPool<T>.Shared.Return(Array);
}
