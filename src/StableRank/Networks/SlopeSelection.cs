using System.Numerics;
using System.Runtime.InteropServices;

namespace StableRank.Networks;

/// <summary>The loops of the piecewise linear activations: slope 1 where z &gt; 0, a given slope elsewhere, NaN where z is NaN.</summary>
internal static class SlopeSelection
{
    public static void Apply<T>(ReadOnlySpan<T> z, Span<T> a, T slope)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var inputs = MemoryMarshal.Cast<T, Vector<T>>(z);
        var outputs = MemoryMarshal.Cast<T, Vector<T>>(a);
        var slopes = new Vector<T>(slope);
        for (var i = 0; i < inputs.Length; i++)
        {
            var value = inputs[i];
            outputs[i] = Vector.ConditionalSelect(Vector.GreaterThan(value, Vector<T>.Zero), value, value * slopes);
        }

        for (var i = inputs.Length * Vector<T>.Count; i < z.Length; i++)
        {
            a[i] = z[i] > T.Zero ? z[i] : z[i] * slope;
        }
    }

    public static void Derivative<T>(ReadOnlySpan<T> z, Span<T> d, T slope)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var inputs = MemoryMarshal.Cast<T, Vector<T>>(z);
        var outputs = MemoryMarshal.Cast<T, Vector<T>>(d);
        var slopes = new Vector<T>(slope);
        for (var i = 0; i < inputs.Length; i++)
        {
            var value = inputs[i];
            var chosen = Vector.ConditionalSelect(Vector.GreaterThan(value, Vector<T>.Zero), Vector<T>.One, slopes);
            outputs[i] = Vector.ConditionalSelect(Vector.Equals(value, value), chosen, value);
        }

        for (var i = inputs.Length * Vector<T>.Count; i < z.Length; i++)
        {
            d[i] = z[i] > T.Zero ? T.One : T.IsNaN(z[i]) ? z[i] : slope;
        }
    }

    /// <summary>g where z &gt; 0, slope g elsewhere, in place; NaN where z is NaN.</summary>
    public static void Backpropagate<T>(ReadOnlySpan<T> z, Span<T> g, T slope)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var inputs = MemoryMarshal.Cast<T, Vector<T>>(z);
        var gradients = MemoryMarshal.Cast<T, Vector<T>>(g);
        var slopes = new Vector<T>(slope);
        for (var i = 0; i < inputs.Length; i++)
        {
            var value = inputs[i];
            var chosen = Vector.ConditionalSelect(Vector.GreaterThan(value, Vector<T>.Zero), Vector<T>.One, slopes);
            gradients[i] *= Vector.ConditionalSelect(Vector.Equals(value, value), chosen, value);
        }

        for (var i = inputs.Length * Vector<T>.Count; i < z.Length; i++)
        {
            g[i] *= z[i] > T.Zero ? T.One : T.IsNaN(z[i]) ? z[i] : slope;
        }
    }
}
