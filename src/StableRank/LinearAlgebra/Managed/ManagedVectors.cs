using System.Numerics;
using System.Numerics.Tensors;

namespace StableRank.LinearAlgebra.Managed;

/// <summary>Elementwise functions and the vector operations of the managed kernels, vectorised by TensorPrimitives.</summary>
internal static unsafe class ManagedVectors
{
    public static void Tanh<T>(int n, T* x, T* y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        ManagedTanh.Compute(new ReadOnlySpan<T>(x, n), new Span<T>(y, n));

    public static void Exp<T>(int n, T* x, T* y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        TensorPrimitives.Exp(new ReadOnlySpan<T>(x, n), new Span<T>(y, n));

    /// <summary>By element: TensorPrimitives.Sin gives other last bits at other alignments of the same numbers, and is no faster.</summary>
    public static void Sin<T>(int n, T* x, T* y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < n; i++)
        {
            y[i] = T.Sin(x[i]);
        }
    }

    public static void Erf<T>(int n, T* x, T* y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < n; i++)
        {
            y[i] = T.CreateTruncating(ManagedErf.Of(double.CreateTruncating(x[i])));
        }
    }

    /// <summary>y = factor y; factor 0 overwrites y unread, as BLAS does with beta.</summary>
    public static void Scale<T>(int n, T factor, T* y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var span = new Span<T>(y, n);
        if (T.IsZero(factor))
        {
            span.Clear();
        }
        else if (factor != T.One)
        {
            TensorPrimitives.Multiply(span, factor, span);
        }
    }

    public static T Dot<T>(int n, T* x, T* y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        TensorPrimitives.Dot(new ReadOnlySpan<T>(x, n), new ReadOnlySpan<T>(y, n));

    /// <summary>y += factor x.</summary>
    public static void AddScaled<T>(int n, T factor, T* x, T* y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        TensorPrimitives.MultiplyAdd(new ReadOnlySpan<T>(x, n), factor, new ReadOnlySpan<T>(y, n), new Span<T>(y, n));
}
