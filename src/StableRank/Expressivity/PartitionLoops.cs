using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StableRank.Expressivity;

/// <summary>
/// The loops over neurons, several at a time; a bit a neuron, 64 to a word, the first the lowest. Compiled in full at once: the first
/// partition is often the only one.
/// </summary>
internal static class PartitionLoops
{
    private const int WordBits = 64;
    private static readonly int Lanes = Vector256<double>.Count;

    /// <summary>z where z is positive, and a multiple of it elsewhere; in place.</summary>
    public static void Activate(Span<double> z, double slope)
    {
        ref var first = ref MemoryMarshal.GetReference(z);
        var factor = Vector256.Create(slope);
        var i = 0;
        for (; i <= z.Length - Lanes; i += Lanes)
        {
            var value = Vector256.LoadUnsafe(ref first, (nuint)i);
            var positive = Vector256.GreaterThan(value, Vector256<double>.Zero);
            Vector256.ConditionalSelect(positive, value, factor * value).StoreUnsafe(ref first, (nuint)i);
        }

        for (; i < z.Length; i++)
        {
            z[i] = z[i] > 0 ? z[i] : slope * z[i];
        }
    }

    /// <summary>x where the neuron's bit is set, and a multiple of it elsewhere.</summary>
    public static void Select(ReadOnlySpan<double> x, ReadOnlySpan<ulong> on, double slope, Span<double> result)
    {
        ref var source = ref MemoryMarshal.GetReference(x);
        ref var target = ref MemoryMarshal.GetReference(result[..x.Length]);
        var (factor, bits) = (Vector256.Create(slope), Vector256.Create(1UL, 2, 4, 8));
        var i = 0;
        for (; i <= x.Length - Lanes; i += Lanes)
        {
            var value = Vector256.LoadUnsafe(ref source, (nuint)i);
            var isOn = Vector256.Equals(Vector256.Create(on[i / WordBits] >> (i % WordBits)) & bits, bits).AsDouble();
            Vector256.ConditionalSelect(isOn, value, factor * value).StoreUnsafe(ref target, (nuint)i);
        }

        for (; i < x.Length; i++)
        {
            result[i] = ((on[i / WordBits] >> (i % WordBits)) & 1) == 1 ? x[i] : slope * x[i];
        }
    }

    /// <summary>
    /// The signs of values, none where one is within its tolerance a_i error + b_i + part |to_i - from_i| of zero.
    /// </summary>
    public static void Signs(
        ReadOnlySpan<double> z, ReadOnlySpan<double> a, double error, ReadOnlySpan<double> b, double part, ReadOnlySpan<double> from,
        ReadOnlySpan<double> to, Span<ulong> positive, Span<ulong> negative)
    {
        var n = z.Length;
        a = a[..n];
        b = b[..n];
        from = from[..n];
        to = to[..n];
        for (var first = 0; first < n; first += WordBits)
        {
            ulong above = 0, below = 0;
            var end = Math.Min(first + WordBits, n);
            var i = first;
            for (; i <= end - Lanes; i += Lanes)
            {
                var change = Vector256.Abs(At(to, i) - At(from, i));
                var tolerance = (At(a, i) * Vector256.Create(error)) + At(b, i) + (Vector256.Create(part) * change);
                var value = At(z, i);
                above |= (ulong)Vector256.GreaterThan(value, tolerance).ExtractMostSignificantBits() << (i - first);
                below |= (ulong)Vector256.LessThan(value, -tolerance).ExtractMostSignificantBits() << (i - first);
            }

            for (; i < end; i++)
            {
                var tolerance = (a[i] * error) + b[i] + (part * Math.Abs(to[i] - from[i]));
                above |= (z[i] > tolerance ? 1UL : 0) << (i - first);
                below |= (z[i] < -tolerance ? 1UL : 0) << (i - first);
            }

            positive[first / WordBits] = above;
            negative[first / WordBits] = below;
        }
    }

    /// <summary>How many bits differ.</summary>
    public static int Differences(ReadOnlySpan<ulong> on, ReadOnlySpan<ulong> other)
    {
        var count = 0;
        for (var k = 0; k < on.Length; k++)
        {
            count += BitOperations.PopCount(on[k] ^ other[k]);
        }

        return count;
    }

    private static Vector256<double> At(ReadOnlySpan<double> span, int i) =>
        Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(span), (nuint)i);
}
