using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace StableRank.Networks;

/// <summary>Copies between rows and every so many-th entry of another.</summary>
internal static unsafe class StridedRow
{
    /// <summary>target[i] = source[i stride] for i from 0 to before <paramref name="count"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Read<T>(T* source, int stride, T* target, int count)
        where T : unmanaged
    {
        if (stride == 1)
        {
            Unsafe.CopyBlockUnaligned(target, source, (uint)count * (uint)sizeof(T));
            return;
        }

        for (var i = 0; i < count; i++, source += stride)
        {
            target[i] = *source;
        }
    }

    /// <summary>target[i stride] = source[i] for i from 0 to before <paramref name="count"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write<T>(T* source, int count, T* target, int stride)
        where T : unmanaged
    {
        if (stride == 1)
        {
            Unsafe.CopyBlockUnaligned(target, source, (uint)count * (uint)sizeof(T));
            return;
        }

        for (var i = 0; i < count; i++, target += stride)
        {
            *target = source[i];
        }
    }

    /// <summary>even[i] = source[2 i], odd[i] = source[2 i + 1] for i from 0 to before <paramref name="pairs"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Split<T>(T* source, T* even, T* odd, int pairs)
        where T : unmanaged
    {
        // the last vectors may overlap those before them
        if (Avx512F.VL.IsSupported && pairs >= Vector512<T>.Count)
        {
            for (var i = 0; i < pairs; i += Vector512<T>.Count)
            {
                i = Math.Min(i, pairs - Vector512<T>.Count);
                var first = Vector512.Load(source + (2 * i));
                var second = Vector512.Load(source + (2 * i) + Vector512<T>.Count);
                Pick(first, second, isOdd: false).Store(even + i);
                Pick(first, second, isOdd: true).Store(odd + i);
            }

            return;
        }

        if (Avx512F.VL.IsSupported && pairs >= Vector256<T>.Count)
        {
            for (var i = 0; i < pairs; i += Vector256<T>.Count)
            {
                i = Math.Min(i, pairs - Vector256<T>.Count);
                var first = Vector256.Load(source + (2 * i));
                var second = Vector256.Load(source + (2 * i) + Vector256<T>.Count);
                Pick(first, second, isOdd: false).Store(even + i);
                Pick(first, second, isOdd: true).Store(odd + i);
            }

            return;
        }

        for (var i = 0; i < pairs; i++)
        {
            even[i] = source[2 * i];
            odd[i] = source[(2 * i) + 1];
        }
    }

    /// <summary>target[2 i] = even[i], target[2 i + 1] = odd[i] for i from 0 to before <paramref name="pairs"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Join<T>(T* even, T* odd, T* target, int pairs)
        where T : unmanaged
    {
        if (Avx512F.VL.IsSupported && pairs >= Vector512<T>.Count)
        {
            for (var i = 0; i < pairs; i += Vector512<T>.Count)
            {
                i = Math.Min(i, pairs - Vector512<T>.Count);
                var (first, second) = (Vector512.Load(even + i), Vector512.Load(odd + i));
                Mix(first, second, isUpper: false).Store(target + (2 * i));
                Mix(first, second, isUpper: true).Store(target + (2 * i) + Vector512<T>.Count);
            }

            return;
        }

        if (Avx512F.VL.IsSupported && pairs >= Vector256<T>.Count)
        {
            for (var i = 0; i < pairs; i += Vector256<T>.Count)
            {
                i = Math.Min(i, pairs - Vector256<T>.Count);
                var (first, second) = (Vector256.Load(even + i), Vector256.Load(odd + i));
                Mix(first, second, isUpper: false).Store(target + (2 * i));
                Mix(first, second, isUpper: true).Store(target + (2 * i) + Vector256<T>.Count);
            }

            return;
        }

        for (var i = 0; i < pairs; i++)
        {
            target[2 * i] = even[i];
            target[(2 * i) + 1] = odd[i];
        }
    }

    /// <summary>Every second entry of two vectors one after the other, from entry 0 or 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Pick<T>(Vector512<T> first, Vector512<T> second, bool isOdd)
        where T : unmanaged
    {
        if (sizeof(T) == sizeof(double))
        {
            var order = isOdd ? Vector512.Create(1L, 3, 5, 7, 9, 11, 13, 15) : Vector512.Create(0L, 2, 4, 6, 8, 10, 12, 14);
            return Avx512F.PermuteVar8x64x2(first.AsInt64(), order, second.AsInt64()).As<long, T>();
        }

        var places = isOdd
            ? Vector512.Create(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
            : Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
        return Avx512F.PermuteVar16x32x2(first.AsInt32(), places, second.AsInt32()).As<int, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Pick<T>(Vector256<T> first, Vector256<T> second, bool isOdd)
        where T : unmanaged
    {
        if (sizeof(T) == sizeof(double))
        {
            var order = isOdd ? Vector256.Create(1L, 3, 5, 7) : Vector256.Create(0L, 2, 4, 6);
            return Avx512F.VL.PermuteVar4x64x2(first.AsInt64(), order, second.AsInt64()).As<long, T>();
        }

        var places = isOdd ? Vector256.Create(1, 3, 5, 7, 9, 11, 13, 15) : Vector256.Create(0, 2, 4, 6, 8, 10, 12, 14);
        return Avx512F.VL.PermuteVar8x32x2(first.AsInt32(), places, second.AsInt32()).As<int, T>();
    }

    /// <summary>The entries of the lower or upper halves of two vectors by turns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Mix<T>(Vector512<T> first, Vector512<T> second, bool isUpper)
        where T : unmanaged
    {
        if (sizeof(T) == sizeof(double))
        {
            var order = isUpper ? Vector512.Create(4L, 12, 5, 13, 6, 14, 7, 15) : Vector512.Create(0L, 8, 1, 9, 2, 10, 3, 11);
            return Avx512F.PermuteVar8x64x2(first.AsInt64(), order, second.AsInt64()).As<long, T>();
        }

        var places = isUpper
            ? Vector512.Create(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
            : Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        return Avx512F.PermuteVar16x32x2(first.AsInt32(), places, second.AsInt32()).As<int, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Mix<T>(Vector256<T> first, Vector256<T> second, bool isUpper)
        where T : unmanaged
    {
        if (sizeof(T) == sizeof(double))
        {
            var order = isUpper ? Vector256.Create(2L, 6, 3, 7) : Vector256.Create(0L, 4, 1, 5);
            return Avx512F.VL.PermuteVar4x64x2(first.AsInt64(), order, second.AsInt64()).As<long, T>();
        }

        var places = isUpper ? Vector256.Create(4, 12, 5, 13, 6, 14, 7, 15) : Vector256.Create(0, 8, 1, 9, 2, 10, 3, 11);
        return Avx512F.VL.PermuteVar8x32x2(first.AsInt32(), places, second.AsInt32()).As<int, T>();
    }
}
