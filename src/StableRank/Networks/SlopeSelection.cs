using System.Numerics;
using System.Runtime.InteropServices;

namespace StableRank.Networks;

/// <summary>
/// The loops of the piecewise linear activations: slope 1 where z &gt; 0, a given slope elsewhere, NaN where z is NaN, and with slope 0 a
/// zero at minus infinity. Vectors and what is left over do the same operations: an entry does not depend on its place.
/// </summary>
internal static class SlopeSelection
{
    public static void Apply<T>(ReadOnlySpan<T> z, Span<T> a, T slope)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ref var input = ref MemoryMarshal.GetReference(z);
        ref var output = ref MemoryMarshal.GetReference(a);
        var slopes = new Vector<T>(slope);
        var isFlat = slope == T.Zero;
        var i = 0;
        for (; i <= z.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            Value(Vector.LoadUnsafe(ref input, (nuint)i), slopes, isFlat).StoreUnsafe(ref output, (nuint)i);
        }

        for (; i < z.Length; i++)
        {
            a[i] = Value(z[i], slope);
        }
    }

    /// <summary>Z = Z + b and A = phi(Z), for every column of as many entries as b.</summary>
    public static void AddBiasAndApply<T>(ReadOnlySpan<T> bias, Span<T> pre, Span<T> post, T slope)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var slopes = new Vector<T>(slope);
        var isFlat = slope == T.Zero;
        ref var b = ref MemoryMarshal.GetReference(bias);
        for (var start = 0; start < pre.Length; start += bias.Length)
        {
            var z = pre.Slice(start, bias.Length);
            var a = post.Slice(start, bias.Length);
            ref var input = ref MemoryMarshal.GetReference(z);
            ref var output = ref MemoryMarshal.GetReference(a);
            var i = 0;
            for (; i <= z.Length - Vector<T>.Count; i += Vector<T>.Count)
            {
                var value = Vector.LoadUnsafe(ref input, (nuint)i) + Vector.LoadUnsafe(ref b, (nuint)i);
                value.StoreUnsafe(ref input, (nuint)i);
                Value(value, slopes, isFlat).StoreUnsafe(ref output, (nuint)i);
            }

            for (; i < z.Length; i++)
            {
                z[i] += bias[i];
                a[i] = Value(z[i], slope);
            }
        }
    }

    public static void Derivative<T>(ReadOnlySpan<T> z, Span<T> d, T slope)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ref var input = ref MemoryMarshal.GetReference(z);
        ref var output = ref MemoryMarshal.GetReference(d);
        var slopes = new Vector<T>(slope);
        var i = 0;
        for (; i <= z.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            Slope(Vector.LoadUnsafe(ref input, (nuint)i), slopes).StoreUnsafe(ref output, (nuint)i);
        }

        for (; i < z.Length; i++)
        {
            d[i] = Slope(z[i], slope);
        }
    }

    /// <summary>g where z &gt; 0, slope g elsewhere, in place; NaN where z is NaN.</summary>
    public static void Backpropagate<T>(ReadOnlySpan<T> z, Span<T> g, T slope)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ref var input = ref MemoryMarshal.GetReference(z);
        ref var gradient = ref MemoryMarshal.GetReference(g);
        var slopes = new Vector<T>(slope);
        var i = 0;
        for (; i <= z.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            var product = Vector.LoadUnsafe(ref gradient, (nuint)i) * Slope(Vector.LoadUnsafe(ref input, (nuint)i), slopes);
            product.StoreUnsafe(ref gradient, (nuint)i);
        }

        for (; i < z.Length; i++)
        {
            g[i] *= Slope(z[i], slope);
        }
    }

    /// <summary>The same for every column of as many entries as <paramref name="sums"/>, to which the columns are added.</summary>
    public static void BackpropagateAndSum<T>(ReadOnlySpan<T> pre, Span<T> signal, Span<T> sums, T slope)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var slopes = new Vector<T>(slope);
        ref var sum = ref MemoryMarshal.GetReference(sums);
        for (var start = 0; start < signal.Length; start += sums.Length)
        {
            var z = pre.Slice(start, sums.Length);
            var g = signal.Slice(start, sums.Length);
            ref var input = ref MemoryMarshal.GetReference(z);
            ref var gradient = ref MemoryMarshal.GetReference(g);
            var i = 0;
            for (; i <= z.Length - Vector<T>.Count; i += Vector<T>.Count)
            {
                var product = Vector.LoadUnsafe(ref gradient, (nuint)i) * Slope(Vector.LoadUnsafe(ref input, (nuint)i), slopes);
                product.StoreUnsafe(ref gradient, (nuint)i);
                (Vector.LoadUnsafe(ref sum, (nuint)i) + product).StoreUnsafe(ref sum, (nuint)i);
            }

            for (; i < z.Length; i++)
            {
                g[i] *= Slope(z[i], slope);
                sums[i] += g[i];
            }
        }
    }

    // a comparison with NaN is false, so that NaN stays
    private static Vector<T> Value<T>(Vector<T> z, Vector<T> slopes, bool isFlat) =>
        Vector.ConditionalSelect(Vector.LessThanOrEqual(z, Vector<T>.Zero), isFlat ? Vector<T>.Zero : z * slopes, z);

    private static T Value<T>(T z, T slope)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        z <= T.Zero ? (slope == T.Zero ? T.Zero : z * slope) : z;

    private static Vector<T> Slope<T>(Vector<T> z, Vector<T> slopes)
    {
        var ones = Vector.ConditionalSelect(Vector.Equals(z, z), Vector<T>.One, z);
        return Vector.ConditionalSelect(Vector.LessThanOrEqual(z, Vector<T>.Zero), slopes, ones);
    }

    private static T Slope<T>(T z, T slope)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        z <= T.Zero ? slope : T.IsNaN(z) ? z : T.One;
}
