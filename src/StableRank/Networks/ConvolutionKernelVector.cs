using System.Numerics;
using System.Runtime.CompilerServices;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// The products of <see cref="ConvolutionKernel"/> in the processor's own vectors, of which there may be 16: 12 sums at a time.
/// </summary>
internal static unsafe class ConvolutionKernelVector
{
    private const int Half = ConvolutionGrid.ChannelGroup / 2, HalfTaps = ConvolutionGrid.TapGroup / 2;

    /// <summary>See <see cref="ConvolutionKernel.Multiply"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<T>(
        T* source, int* offsets, int taps, T* weights, nint groupSize, int groups, T* target, int ld, int length, bool resume)
        where T : unmanaged
    {
        const int high = 3;
        var step = Vector<T>.Count;
        var vectors = (length + step - 1) / step;
        for (var v = 0; v < vectors;)
        {
            var full = v + high <= vectors;
            for (var half = 0; half < 2 * groups; half++)
            {
                var packed = weights + (half / 2 * groupSize) + (half % 2 * Half);
                var to = target + (v * step) + ((nint)half * Half * ld);
                if (full)
                {
                    Tile(source + (v * step), offsets, taps, packed, to, ld, resume);
                }
                else
                {
                    Column(source + (v * step), offsets, taps, packed, to, ld, resume);
                }
            }

            v += full ? high : 1;
        }
    }

    /// <summary>See <see cref="ConvolutionKernel.Correlate"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Correlate<T>(
        T* signals, int signalSize, int groups, T* source, int* offsets, int tapGroups, int length, T* sums, int ld)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var t = 0; t < 2 * tapGroups; t++)
        {
            for (var g = 0; g < groups; g++)
            {
                Correlate(
                    signals + ((nint)g * ConvolutionKernel.SignalGroup * signalSize), signalSize, source,
                    offsets + (t * HalfTaps), length,
                    sums + ((nint)t * HalfTaps * ld) + (g * ConvolutionKernel.SignalGroup), ld);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<T>(T* source, int* offsets, int taps, T* weights, T* target, nint ld, bool resume)
        where T : unmanaged
    {
        Vector<T> a00 = default, a10 = default, a20 = default;
        Vector<T> a01 = default, a11 = default, a21 = default;
        Vector<T> a02 = default, a12 = default, a22 = default;
        Vector<T> a03 = default, a13 = default, a23 = default;
        if (resume)
        {
            a00 = Vector.Load(target);
            a10 = Vector.Load(target + Vector<T>.Count);
            a20 = Vector.Load(target + (2 * Vector<T>.Count));
            a01 = Vector.Load(target + ld);
            a11 = Vector.Load(target + ld + Vector<T>.Count);
            a21 = Vector.Load(target + ld + (2 * Vector<T>.Count));
            a02 = Vector.Load(target + (2 * ld));
            a12 = Vector.Load(target + (2 * ld) + Vector<T>.Count);
            a22 = Vector.Load(target + (2 * ld) + (2 * Vector<T>.Count));
            a03 = Vector.Load(target + (3 * ld));
            a13 = Vector.Load(target + (3 * ld) + Vector<T>.Count);
            a23 = Vector.Load(target + (3 * ld) + (2 * Vector<T>.Count));
        }

        for (var tap = 0; tap < taps; tap++, weights += ConvolutionGrid.ChannelGroup)
        {
            var from = source + offsets[tap];
            var x0 = Vector.Load(from);
            var x1 = Vector.Load(from + Vector<T>.Count);
            var x2 = Vector.Load(from + 2 * Vector<T>.Count);
            var w0 = Vector.Create(weights[0]);
            a00 = VectorArithmetic.MultiplyAdd(x0, w0, a00);
            a10 = VectorArithmetic.MultiplyAdd(x1, w0, a10);
            a20 = VectorArithmetic.MultiplyAdd(x2, w0, a20);
            var w1 = Vector.Create(weights[1]);
            a01 = VectorArithmetic.MultiplyAdd(x0, w1, a01);
            a11 = VectorArithmetic.MultiplyAdd(x1, w1, a11);
            a21 = VectorArithmetic.MultiplyAdd(x2, w1, a21);
            var w2 = Vector.Create(weights[2]);
            a02 = VectorArithmetic.MultiplyAdd(x0, w2, a02);
            a12 = VectorArithmetic.MultiplyAdd(x1, w2, a12);
            a22 = VectorArithmetic.MultiplyAdd(x2, w2, a22);
            var w3 = Vector.Create(weights[3]);
            a03 = VectorArithmetic.MultiplyAdd(x0, w3, a03);
            a13 = VectorArithmetic.MultiplyAdd(x1, w3, a13);
            a23 = VectorArithmetic.MultiplyAdd(x2, w3, a23);
        }

        Store(a00, a10, a20, target);
        Store(a01, a11, a21, target + ld);
        Store(a02, a12, a22, target + (2 * ld));
        Store(a03, a13, a23, target + (3 * ld));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Column<T>(T* source, int* offsets, int taps, T* weights, T* target, nint ld, bool resume)
        where T : unmanaged
    {
        Vector<T> a00 = default;
        Vector<T> a01 = default;
        Vector<T> a02 = default;
        Vector<T> a03 = default;
        if (resume)
        {
            a00 = Vector.Load(target);
            a01 = Vector.Load(target + ld);
            a02 = Vector.Load(target + (2 * ld));
            a03 = Vector.Load(target + (3 * ld));
        }

        for (var tap = 0; tap < taps; tap++, weights += ConvolutionGrid.ChannelGroup)
        {
            var from = source + offsets[tap];
            var x0 = Vector.Load(from);
            var w0 = Vector.Create(weights[0]);
            a00 = VectorArithmetic.MultiplyAdd(x0, w0, a00);
            var w1 = Vector.Create(weights[1]);
            a01 = VectorArithmetic.MultiplyAdd(x0, w1, a01);
            var w2 = Vector.Create(weights[2]);
            a02 = VectorArithmetic.MultiplyAdd(x0, w2, a02);
            var w3 = Vector.Create(weights[3]);
            a03 = VectorArithmetic.MultiplyAdd(x0, w3, a03);
        }

        a00.Store(target);
        a01.Store(target + ld);
        a02.Store(target + (2 * ld));
        a03.Store(target + (3 * ld));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Correlate<T>(T* signals, nint signalSize, T* source, int* offsets, int length, T* sums, nint ld)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T* d0 = signals, d1 = signals + signalSize, d2 = signals + (2 * signalSize), d3 = signals + (3 * signalSize);
        T* x0 = source + offsets[0], x1 = source + offsets[1], x2 = source + offsets[2];
        Vector<T> a00 = default, a10 = default, a20 = default, a30 = default;
        Vector<T> a01 = default, a11 = default, a21 = default, a31 = default;
        Vector<T> a02 = default, a12 = default, a22 = default, a32 = default;
        for (nint i = 0; i < length; i += Vector<T>.Count)
        {
            var y0 = Vector.Load(x0 + i);
            var y1 = Vector.Load(x1 + i);
            var y2 = Vector.Load(x2 + i);
            var s0 = Vector.Load(d0 + i);
            a00 = VectorArithmetic.MultiplyAdd(s0, y0, a00);
            a01 = VectorArithmetic.MultiplyAdd(s0, y1, a01);
            a02 = VectorArithmetic.MultiplyAdd(s0, y2, a02);
            var s1 = Vector.Load(d1 + i);
            a10 = VectorArithmetic.MultiplyAdd(s1, y0, a10);
            a11 = VectorArithmetic.MultiplyAdd(s1, y1, a11);
            a12 = VectorArithmetic.MultiplyAdd(s1, y2, a12);
            var s2 = Vector.Load(d2 + i);
            a20 = VectorArithmetic.MultiplyAdd(s2, y0, a20);
            a21 = VectorArithmetic.MultiplyAdd(s2, y1, a21);
            a22 = VectorArithmetic.MultiplyAdd(s2, y2, a22);
            var s3 = Vector.Load(d3 + i);
            a30 = VectorArithmetic.MultiplyAdd(s3, y0, a30);
            a31 = VectorArithmetic.MultiplyAdd(s3, y1, a31);
            a32 = VectorArithmetic.MultiplyAdd(s3, y2, a32);
        }

        Add(a00, a10, a20, a30, sums);
        Add(a01, a11, a21, a31, sums + ld);
        Add(a02, a12, a22, a32, sums + (2 * ld));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(Vector<T> x, Vector<T> y, Vector<T> z, T* target)
        where T : unmanaged
    {
        x.Store(target);
        y.Store(target + Vector<T>.Count);
        z.Store(target + (2 * Vector<T>.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T>(Vector<T> x, Vector<T> y, Vector<T> z, Vector<T> u, T* sums)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        sums[0] += Vector.Sum(x);
        sums[1] += Vector.Sum(y);
        sums[2] += Vector.Sum(z);
        sums[3] += Vector.Sum(u);
    }
}
