using System.Numerics;
using System.Runtime.InteropServices;

namespace StableRank.Training;

/// <summary>
/// The passes of gradient descent. Vectors and the rest of less than a vector do the same operations in the same order, so that the
/// result of an element does not depend on where a range begins.
/// </summary>
internal static class SgdKernel
{
    /// <summary>w = w - rate (g + decay w); returns whether g was finite.</summary>
    public static bool Update<T>(Span<T> values, ReadOnlySpan<T> gradient, T rate, T decay)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ref var w = ref MemoryMarshal.GetReference(values);
        ref var g = ref MemoryMarshal.GetReference(gradient);
        var (rates, decays, zeros) = (new Vector<T>(rate), new Vector<T>(decay), Vector<T>.Zero);
        var i = 0;
        for (; i <= values.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            var value = Vector.LoadUnsafe(ref w, (nuint)i);
            var slope = Vector.LoadUnsafe(ref g, (nuint)i);
            zeros += slope * Vector<T>.Zero;
            (value - (rates * (slope + (decays * value)))).StoreUnsafe(ref w, (nuint)i);
        }

        var zero = Vector.Sum(zeros);
        for (; i < values.Length; i++)
        {
            zero += gradient[i] * T.Zero;
            values[i] -= rate * (gradient[i] + (decay * values[i]));
        }

        return zero == T.Zero;
    }

    /// <summary>
    /// d = g + decay w; b = momentum b + d; w = w - rate b, or with Nesterov w = w - rate (d + momentum b); returns whether g was finite.
    /// </summary>
    public static bool Update<T>(
        Span<T> values, ReadOnlySpan<T> gradient, Span<T> buffer, T rate, T decay, T momentum, bool nesterov)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ref var w = ref MemoryMarshal.GetReference(values);
        ref var g = ref MemoryMarshal.GetReference(gradient);
        ref var b = ref MemoryMarshal.GetReference(buffer);
        var (rates, decays, momenta, zeros) = (new Vector<T>(rate), new Vector<T>(decay), new Vector<T>(momentum), Vector<T>.Zero);
        var i = 0;
        for (; i <= values.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            var value = Vector.LoadUnsafe(ref w, (nuint)i);
            var slope = Vector.LoadUnsafe(ref g, (nuint)i);
            zeros += slope * Vector<T>.Zero;
            slope += decays * value;
            var moving = (momenta * Vector.LoadUnsafe(ref b, (nuint)i)) + slope;
            moving.StoreUnsafe(ref b, (nuint)i);
            var direction = nesterov ? slope + (momenta * moving) : moving;
            (value - (rates * direction)).StoreUnsafe(ref w, (nuint)i);
        }

        var zero = Vector.Sum(zeros);
        for (; i < values.Length; i++)
        {
            zero += gradient[i] * T.Zero;
            var slope = gradient[i] + (decay * values[i]);
            var moving = (momentum * buffer[i]) + slope;
            buffer[i] = moving;
            values[i] -= rate * (nesterov ? slope + (momentum * moving) : moving);
        }

        return zero == T.Zero;
    }
}
