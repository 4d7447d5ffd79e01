using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StableRank.Kernels;

/// <summary>
/// Sixteen doubles. Long chains of operations on one vector leave the processor waiting, whose window holds but one or two of them; those
/// of two vectors step by step do not, and more vectors would not fit into the registers.
/// </summary>
internal readonly struct VectorPair(Vector512<double> first, Vector512<double> second)
{
    private readonly Vector512<double> _first = first, _second = second;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public VectorPair(Vector512<double> both)
        : this(both, both)
    {
    }

    public Vector512<double> First => _first;

    public Vector512<double> Second => _second;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair Load(ref double source, nuint first, nuint second) =>
        new(Vector512.LoadUnsafe(ref source, first), Vector512.LoadUnsafe(ref source, second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref double target, nuint first, nuint second)
    {
        _first.StoreUnsafe(ref target, first);
        _second.StoreUnsafe(ref target, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair operator +(VectorPair a, VectorPair b) => new(a._first + b._first, a._second + b._second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair operator -(VectorPair a, VectorPair b) => new(a._first - b._first, a._second - b._second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair operator -(VectorPair a) => new(-a._first, -a._second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair operator *(VectorPair a, VectorPair b) => new(a._first * b._first, a._second * b._second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair operator *(VectorPair a, Vector512<double> b) => new(a._first * b, a._second * b);

    /// <summary>a b + c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair MultiplyAdd(VectorPair a, VectorPair b, VectorPair c) => new(
        Vector512.FusedMultiplyAdd(a._first, b._first, c._first), Vector512.FusedMultiplyAdd(a._second, b._second, c._second));

    /// <summary>a b + c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair MultiplyAdd(VectorPair a, VectorPair b, Vector512<double> c) => new(
        Vector512.FusedMultiplyAdd(a._first, b._first, c), Vector512.FusedMultiplyAdd(a._second, b._second, c));

    /// <summary>a b + c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair MultiplyAdd(VectorPair a, Vector512<double> b, Vector512<double> c) => new(
        Vector512.FusedMultiplyAdd(a._first, b, c), Vector512.FusedMultiplyAdd(a._second, b, c));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair MultiplyAdd(VectorPair a, Vector512<double> b, VectorPair c) => new(
        Vector512.FusedMultiplyAdd(a._first, b, c._first), Vector512.FusedMultiplyAdd(a._second, b, c._second));

    /// <summary>The lesser; neither is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair Min(VectorPair a, VectorPair b) =>
        new(Vector512.MinNative(a._first, b._first), Vector512.MinNative(a._second, b._second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair Sqrt(VectorPair a) => new(Vector512.Sqrt(a._first), Vector512.Sqrt(a._second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair Abs(VectorPair a) => new(Vector512.Abs(a._first), Vector512.Abs(a._second));

    /// <summary>1 or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair Sign(VectorPair a) => new(Sign(a._first), Sign(a._second));

    /// <summary>Where a exceeds a bound, x; elsewhere y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorPair Where(VectorPair a, Vector512<double> bound, VectorPair x, VectorPair y) => new(
        Vector512.ConditionalSelect(Vector512.GreaterThan(a._first, bound), x._first, y._first),
        Vector512.ConditionalSelect(Vector512.GreaterThan(a._second, bound), x._second, y._second));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Sign(Vector512<double> a) =>
        Vector512.ConditionalSelect(Vector512.Create(-0.0), a, Vector512<double>.One);
}
