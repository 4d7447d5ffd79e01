using System.Numerics;
using System.Runtime.InteropServices;

namespace StableRank.LinearAlgebra;

/// <summary>Whether numbers are finite, many at a time.</summary>
internal static class Finiteness
{
    /// <summary>Whether no element is NaN or infinite: 0 x is 0 for a finite x and NaN otherwise, one pass without a branch.</summary>
    public static bool All<T>(ReadOnlySpan<T> elements)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // four sums at a time: one alone would wait for itself at every addition
        ref var first = ref MemoryMarshal.GetReference(elements);
        Vector<T> a = Vector<T>.Zero, b = a, c = a, d = a;
        var width = Vector<T>.Count;
        var i = 0;
        for (; i <= elements.Length - (4 * width); i += 4 * width)
        {
            a += Vector.LoadUnsafe(ref first, (nuint)i) * Vector<T>.Zero;
            b += Vector.LoadUnsafe(ref first, (nuint)(i + width)) * Vector<T>.Zero;
            c += Vector.LoadUnsafe(ref first, (nuint)(i + (2 * width))) * Vector<T>.Zero;
            d += Vector.LoadUnsafe(ref first, (nuint)(i + (3 * width))) * Vector<T>.Zero;
        }

        var sum = Vector.Sum((a + b) + (c + d));
        for (; i < elements.Length; i++)
        {
            sum += elements[i] * T.Zero;
        }

        return !T.IsNaN(sum);
    }
}
