using System.Runtime.CompilerServices;

namespace StableRank.LinearAlgebra;

/// <summary>Checks of the sizes that callers pass beside their spans; native code trusts them blindly.</summary>
internal static class SpanGuard
{
    /// <summary>Sizes are not negative.</summary>
    public static void RequireSize(int size, [CallerArgumentExpression(nameof(size))] string name = "")
    {
        if (size < 0)
        {
            throw new ArgumentOutOfRangeException(name, size, $"The size {name} is {size}; expected 0 or more.");
        }
    }

    /// <summary>A stored column-major matrix fits its span and its leading dimension.</summary>
    public static void RequireMatrix(int length, int rows, int columns, int ld, string name)
    {
        if (ld < Math.Max(1, rows))
        {
            throw new ArgumentException(
                $"The leading dimension of {name} is {ld}; expected at least {Math.Max(1, rows)} for {rows} x {columns}.", $"ld{name}");
        }

        var needed = rows == 0 || columns == 0 ? 0L : (long)ld * (columns - 1) + rows;
        if (length < needed)
        {
            throw new ArgumentException(
                $"The span {name} has {length} elements; expected at least {needed} for {rows} x {columns} with leading dimension {ld}.",
                name);
        }
    }

    /// <summary>A vector is long enough.</summary>
    public static void RequireVector(int length, int needed, string name)
    {
        if (length < needed)
        {
            throw new ArgumentException($"The span {name} has {length} elements; expected at least {needed}.", name);
        }
    }
}
