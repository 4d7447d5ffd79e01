using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace StableRank.LinearAlgebra;

/// <summary>Arithmetic of whole vectors that the framework has by type only.</summary>
internal static class VectorArithmetic
{
    /// <summary>
    /// x y + z, fused where the processor can, and then always: an "estimate", which the runtime may fuse or not, could change
    /// the last bit when a method is compiled again.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<T> MultiplyAdd<T>(Vector<T> x, Vector<T> y, Vector<T> z)
        where T : unmanaged
    {
        if (!Fma.IsSupported && !AdvSimd.IsSupported)
        {
            return x * y + z;
        }

        return typeof(T) == typeof(double)
            ? Vector.FusedMultiplyAdd(x.As<T, double>(), y.As<T, double>(), z.As<T, double>()).As<double, T>()
            : Vector.FusedMultiplyAdd(x.As<T, float>(), y.As<T, float>(), z.As<T, float>()).As<float, T>();
    }
}
