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
        var vectors = MemoryMarshal.Cast<T, Vector<T>>(elements);
        var sums = Vector<T>.Zero;
        foreach (var x in vectors)
        {
            sums += x * Vector<T>.Zero;
        }

        var sum = Vector.Sum(sums);
        foreach (var x in elements[(vectors.Length * Vector<T>.Count)..])
        {
            sum += x * T.Zero;
        }

        return !T.IsNaN(sum);
    }
}
