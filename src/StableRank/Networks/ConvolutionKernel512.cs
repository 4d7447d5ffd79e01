using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StableRank.Networks;

/// <summary>
/// The products of <see cref="ConvolutionKernel"/> in registers of 512 bits, of which there are 32: 24 sums at a time, each term a fused
/// multiply-add. For processors with AVX-512.
/// </summary>
internal static unsafe class ConvolutionKernel512
{
    /// <summary>One group of channels: see <see cref="ConvolutionKernel.Multiply"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<T>(
        T* source, int* offsets, int taps, T* weights, nint groupSize, int groups, T* target, int ld, int length, bool resume)
        where T : unmanaged
    {
        const int high = 3;
        var step = Vector512<T>.Count;
        var vectors = (length + step - 1) / step;
        var v = 0;
        for (; v + high <= vectors; v += high)
        {
            for (var g = 0; g < groups; g++)
            {
                Tile(
                    source + (v * step), offsets, taps, weights + (g * groupSize),
                    target + (v * step) + ((nint)g * ConvolutionGrid.ChannelGroup * ld), ld, resume);
            }
        }

        for (; v < vectors; v++)
        {
            for (var g = 0; g < groups; g++)
            {
                Column(
                    source + (v * step), offsets, taps, weights + (g * groupSize),
                    target + (v * step) + ((nint)g * ConvolutionGrid.ChannelGroup * ld), ld, resume);
            }
        }
    }

    /// <summary>See <see cref="ConvolutionKernel.Correlate"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Correlate<T>(
        T* signals, int signalSize, int groups, T* source, int* offsets, int tapGroups, int length, T* sums, int ld)
        where T : unmanaged
    {
        for (var t = 0; t < tapGroups; t++)
        {
            for (var g = 0; g < groups; g++)
            {
                Correlate(
                    signals + ((nint)g * ConvolutionKernel.SignalGroup * signalSize), signalSize, source,
                    offsets + (t * ConvolutionGrid.TapGroup), length,
                    sums + ((nint)t * ConvolutionGrid.TapGroup * ld) + (g * ConvolutionKernel.SignalGroup), ld);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile<T>(T* source, int* offsets, int taps, T* weights, T* target, nint ld, bool resume)
        where T : unmanaged
    {
        Vector512<T> a00 = default, a10 = default, a20 = default;
        Vector512<T> a01 = default, a11 = default, a21 = default;
        Vector512<T> a02 = default, a12 = default, a22 = default;
        Vector512<T> a03 = default, a13 = default, a23 = default;
        Vector512<T> a04 = default, a14 = default, a24 = default;
        Vector512<T> a05 = default, a15 = default, a25 = default;
        Vector512<T> a06 = default, a16 = default, a26 = default;
        Vector512<T> a07 = default, a17 = default, a27 = default;
        if (resume)
        {
            a00 = Vector512.Load(target);
            a10 = Vector512.Load(target + Vector512<T>.Count);
            a20 = Vector512.Load(target + (2 * Vector512<T>.Count));
            a01 = Vector512.Load(target + ld);
            a11 = Vector512.Load(target + ld + Vector512<T>.Count);
            a21 = Vector512.Load(target + ld + (2 * Vector512<T>.Count));
            a02 = Vector512.Load(target + (2 * ld));
            a12 = Vector512.Load(target + (2 * ld) + Vector512<T>.Count);
            a22 = Vector512.Load(target + (2 * ld) + (2 * Vector512<T>.Count));
            a03 = Vector512.Load(target + (3 * ld));
            a13 = Vector512.Load(target + (3 * ld) + Vector512<T>.Count);
            a23 = Vector512.Load(target + (3 * ld) + (2 * Vector512<T>.Count));
            a04 = Vector512.Load(target + (4 * ld));
            a14 = Vector512.Load(target + (4 * ld) + Vector512<T>.Count);
            a24 = Vector512.Load(target + (4 * ld) + (2 * Vector512<T>.Count));
            a05 = Vector512.Load(target + (5 * ld));
            a15 = Vector512.Load(target + (5 * ld) + Vector512<T>.Count);
            a25 = Vector512.Load(target + (5 * ld) + (2 * Vector512<T>.Count));
            a06 = Vector512.Load(target + (6 * ld));
            a16 = Vector512.Load(target + (6 * ld) + Vector512<T>.Count);
            a26 = Vector512.Load(target + (6 * ld) + (2 * Vector512<T>.Count));
            a07 = Vector512.Load(target + (7 * ld));
            a17 = Vector512.Load(target + (7 * ld) + Vector512<T>.Count);
            a27 = Vector512.Load(target + (7 * ld) + (2 * Vector512<T>.Count));
        }

        for (var tap = 0; tap < taps; tap++, weights += ConvolutionGrid.ChannelGroup)
        {
            var from = source + offsets[tap];
            var x0 = Vector512.Load(from);
            var x1 = Vector512.Load(from + Vector512<T>.Count);
            var x2 = Vector512.Load(from + 2 * Vector512<T>.Count);
            var w0 = Vector512.Create(weights[0]);
            a00 = MultiplyAdd(x0, w0, a00);
            a10 = MultiplyAdd(x1, w0, a10);
            a20 = MultiplyAdd(x2, w0, a20);
            var w1 = Vector512.Create(weights[1]);
            a01 = MultiplyAdd(x0, w1, a01);
            a11 = MultiplyAdd(x1, w1, a11);
            a21 = MultiplyAdd(x2, w1, a21);
            var w2 = Vector512.Create(weights[2]);
            a02 = MultiplyAdd(x0, w2, a02);
            a12 = MultiplyAdd(x1, w2, a12);
            a22 = MultiplyAdd(x2, w2, a22);
            var w3 = Vector512.Create(weights[3]);
            a03 = MultiplyAdd(x0, w3, a03);
            a13 = MultiplyAdd(x1, w3, a13);
            a23 = MultiplyAdd(x2, w3, a23);
            var w4 = Vector512.Create(weights[4]);
            a04 = MultiplyAdd(x0, w4, a04);
            a14 = MultiplyAdd(x1, w4, a14);
            a24 = MultiplyAdd(x2, w4, a24);
            var w5 = Vector512.Create(weights[5]);
            a05 = MultiplyAdd(x0, w5, a05);
            a15 = MultiplyAdd(x1, w5, a15);
            a25 = MultiplyAdd(x2, w5, a25);
            var w6 = Vector512.Create(weights[6]);
            a06 = MultiplyAdd(x0, w6, a06);
            a16 = MultiplyAdd(x1, w6, a16);
            a26 = MultiplyAdd(x2, w6, a26);
            var w7 = Vector512.Create(weights[7]);
            a07 = MultiplyAdd(x0, w7, a07);
            a17 = MultiplyAdd(x1, w7, a17);
            a27 = MultiplyAdd(x2, w7, a27);
        }

        Store(a00, a10, a20, target);
        Store(a01, a11, a21, target + ld);
        Store(a02, a12, a22, target + (2 * ld));
        Store(a03, a13, a23, target + (3 * ld));
        Store(a04, a14, a24, target + (4 * ld));
        Store(a05, a15, a25, target + (5 * ld));
        Store(a06, a16, a26, target + (6 * ld));
        Store(a07, a17, a27, target + (7 * ld));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Column<T>(T* source, int* offsets, int taps, T* weights, T* target, nint ld, bool resume)
        where T : unmanaged
    {
        Vector512<T> a00 = default;
        Vector512<T> a01 = default;
        Vector512<T> a02 = default;
        Vector512<T> a03 = default;
        Vector512<T> a04 = default;
        Vector512<T> a05 = default;
        Vector512<T> a06 = default;
        Vector512<T> a07 = default;
        if (resume)
        {
            a00 = Vector512.Load(target);
            a01 = Vector512.Load(target + ld);
            a02 = Vector512.Load(target + (2 * ld));
            a03 = Vector512.Load(target + (3 * ld));
            a04 = Vector512.Load(target + (4 * ld));
            a05 = Vector512.Load(target + (5 * ld));
            a06 = Vector512.Load(target + (6 * ld));
            a07 = Vector512.Load(target + (7 * ld));
        }

        for (var tap = 0; tap < taps; tap++, weights += ConvolutionGrid.ChannelGroup)
        {
            var from = source + offsets[tap];
            var x0 = Vector512.Load(from);
            var w0 = Vector512.Create(weights[0]);
            a00 = MultiplyAdd(x0, w0, a00);
            var w1 = Vector512.Create(weights[1]);
            a01 = MultiplyAdd(x0, w1, a01);
            var w2 = Vector512.Create(weights[2]);
            a02 = MultiplyAdd(x0, w2, a02);
            var w3 = Vector512.Create(weights[3]);
            a03 = MultiplyAdd(x0, w3, a03);
            var w4 = Vector512.Create(weights[4]);
            a04 = MultiplyAdd(x0, w4, a04);
            var w5 = Vector512.Create(weights[5]);
            a05 = MultiplyAdd(x0, w5, a05);
            var w6 = Vector512.Create(weights[6]);
            a06 = MultiplyAdd(x0, w6, a06);
            var w7 = Vector512.Create(weights[7]);
            a07 = MultiplyAdd(x0, w7, a07);
        }

        a00.Store(target);
        a01.Store(target + ld);
        a02.Store(target + (2 * ld));
        a03.Store(target + (3 * ld));
        a04.Store(target + (4 * ld));
        a05.Store(target + (5 * ld));
        a06.Store(target + (6 * ld));
        a07.Store(target + (7 * ld));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Correlate<T>(T* signals, nint signalSize, T* source, int* offsets, int length, T* sums, nint ld)
        where T : unmanaged
    {
        T* d0 = signals, d1 = signals + signalSize, d2 = signals + (2 * signalSize), d3 = signals + (3 * signalSize);
        T* x0 = source + offsets[0], x1 = source + offsets[1], x2 = source + offsets[2];
        T* x3 = source + offsets[3], x4 = source + offsets[4], x5 = source + offsets[5];
        Vector512<T> a00 = default, a10 = default, a20 = default, a30 = default;
        Vector512<T> a01 = default, a11 = default, a21 = default, a31 = default;
        Vector512<T> a02 = default, a12 = default, a22 = default, a32 = default;
        Vector512<T> a03 = default, a13 = default, a23 = default, a33 = default;
        Vector512<T> a04 = default, a14 = default, a24 = default, a34 = default;
        Vector512<T> a05 = default, a15 = default, a25 = default, a35 = default;
        for (nint i = 0; i < length; i += Vector512<T>.Count)
        {
            var s0 = Vector512.Load(d0 + i);
            var s1 = Vector512.Load(d1 + i);
            var s2 = Vector512.Load(d2 + i);
            var s3 = Vector512.Load(d3 + i);
            var y0 = Vector512.Load(x0 + i);
            a00 = MultiplyAdd(s0, y0, a00);
            a10 = MultiplyAdd(s1, y0, a10);
            a20 = MultiplyAdd(s2, y0, a20);
            a30 = MultiplyAdd(s3, y0, a30);
            var y1 = Vector512.Load(x1 + i);
            a01 = MultiplyAdd(s0, y1, a01);
            a11 = MultiplyAdd(s1, y1, a11);
            a21 = MultiplyAdd(s2, y1, a21);
            a31 = MultiplyAdd(s3, y1, a31);
            var y2 = Vector512.Load(x2 + i);
            a02 = MultiplyAdd(s0, y2, a02);
            a12 = MultiplyAdd(s1, y2, a12);
            a22 = MultiplyAdd(s2, y2, a22);
            a32 = MultiplyAdd(s3, y2, a32);
            var y3 = Vector512.Load(x3 + i);
            a03 = MultiplyAdd(s0, y3, a03);
            a13 = MultiplyAdd(s1, y3, a13);
            a23 = MultiplyAdd(s2, y3, a23);
            a33 = MultiplyAdd(s3, y3, a33);
            var y4 = Vector512.Load(x4 + i);
            a04 = MultiplyAdd(s0, y4, a04);
            a14 = MultiplyAdd(s1, y4, a14);
            a24 = MultiplyAdd(s2, y4, a24);
            a34 = MultiplyAdd(s3, y4, a34);
            var y5 = Vector512.Load(x5 + i);
            a05 = MultiplyAdd(s0, y5, a05);
            a15 = MultiplyAdd(s1, y5, a15);
            a25 = MultiplyAdd(s2, y5, a25);
            a35 = MultiplyAdd(s3, y5, a35);
        }

        Add(a00, a10, a20, a30, sums);
        Add(a01, a11, a21, a31, sums + ld);
        Add(a02, a12, a22, a32, sums + (2 * ld));
        Add(a03, a13, a23, a33, sums + (3 * ld));
        Add(a04, a14, a24, a34, sums + (4 * ld));
        Add(a05, a15, a25, a35, sums + (5 * ld));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(Vector512<T> x, Vector512<T> y, Vector512<T> z, T* target)
        where T : unmanaged
    {
        x.Store(target);
        y.Store(target + Vector512<T>.Count);
        z.Store(target + (2 * Vector512<T>.Count));
    }

    /// <summary>Adds the sums of four vectors to four numbers, in as few steps as they have levels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T>(Vector512<T> x, Vector512<T> y, Vector512<T> z, Vector512<T> u, T* sums)
        where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            var xy = Avx.HorizontalAdd(Halved(x.AsDouble()), Halved(y.AsDouble()));
            var zu = Avx.HorizontalAdd(Halved(z.AsDouble()), Halved(u.AsDouble()));
            var all = Vector256.Create(xy.GetLower(), zu.GetLower()) + Vector256.Create(xy.GetUpper(), zu.GetUpper());
            (Vector256.Load((double*)sums) + all).Store((double*)sums);
        }
        else
        {
            var xy = Avx.HorizontalAdd(Halved(x.AsSingle()), Halved(y.AsSingle()));
            var zu = Avx.HorizontalAdd(Halved(z.AsSingle()), Halved(u.AsSingle()));
            var all = Avx.HorizontalAdd(xy, zu);
            (Vector128.Load((float*)sums) + (all.GetLower() + all.GetUpper())).Store((float*)sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Halved<T>(Vector512<T> x) => x.GetLower() + x.GetUpper();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> MultiplyAdd<T>(Vector512<T> x, Vector512<T> y, Vector512<T> z)
        where T : unmanaged => typeof(T) == typeof(double)
            ? Vector512.FusedMultiplyAdd(x.AsDouble(), y.AsDouble(), z.AsDouble()).As<double, T>()
            : Vector512.FusedMultiplyAdd(x.AsSingle(), y.AsSingle(), z.AsSingle()).As<float, T>();
}
