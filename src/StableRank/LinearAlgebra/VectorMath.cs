using System.Numerics;

namespace StableRank.LinearAlgebra;

/// <summary>
/// Elementary functions by element: MKL's vector mathematics where MKL is in use, else vectorised managed code. Relative error at
/// most a few units in the last place on either; NaN stays NaN and infinities give the limits (sin: NaN). T is double or float. The result
/// may be the argument itself (in place), but must not overlap it otherwise.
/// </summary>
public static unsafe class VectorMath
{
    /// <summary>y_i = tanh(x_i).</summary>
    /// <param name="x">Arguments.</param>
    /// <param name="y">Results, as long as x at least.</param>
    /// <exception cref="ArgumentException">y is shorter than x, or overlaps it without being the same.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static void Tanh<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var kernels = Check(x, y);
        fixed (T* px = x, py = y)
        {
            kernels.Tanh(x.Length, px, py);
        }
    }

    /// <summary>y_i = erf(x_i) = 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x_i.</summary>
    /// <param name="x">Arguments.</param>
    /// <param name="y">Results, as long as x at least.</param>
    /// <exception cref="ArgumentException">y is shorter than x, or overlaps it without being the same.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static void Erf<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var kernels = Check(x, y);
        fixed (T* px = x, py = y)
        {
            kernels.Erf(x.Length, px, py);
        }
    }

    /// <summary>y_i = exp(x_i).</summary>
    /// <param name="x">Arguments.</param>
    /// <param name="y">Results, as long as x at least.</param>
    /// <exception cref="ArgumentException">y is shorter than x, or overlaps it without being the same.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static void Exp<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var kernels = Check(x, y);
        fixed (T* px = x, py = y)
        {
            kernels.Exp(x.Length, px, py);
        }
    }

    /// <summary>y_i = sin(x_i), x in radians.</summary>
    /// <param name="x">Arguments.</param>
    /// <param name="y">Results, as long as x at least.</param>
    /// <exception cref="ArgumentException">y is shorter than x, or overlaps it without being the same.</exception>
    /// <exception cref="NotSupportedException">T is neither double nor float.</exception>
    public static void Sin<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var kernels = Check(x, y);
        fixed (T* px = x, py = y)
        {
            kernels.Sin(x.Length, px, py);
        }
    }

    private static Kernels<T> Check<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        SpanGuard.RequireVector(y.Length, x.Length, nameof(y));
        if (x.Overlaps(y, out var offset) && offset != 0)
        {
            throw new ArgumentException(
                $"The span y starts {offset} elements after x and overlaps it; expected x itself or no overlap.", nameof(y));
        }

        return Kernels<T>.Current;
    }
}
