using System.Numerics;

namespace StableRank.LinearAlgebra;

/// <summary>eps, the distance from 1 to the next greater number: 2^-52 in double, 2^-23 in single precision.</summary>
internal static class MachineEpsilon
{
    public const double Double = 1.0 / (1L << 52), Single = 1.0 / (1L << 23);

    /// <summary>That of a type.</summary>
    public static double Of<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        typeof(T) == typeof(float) ? Single : typeof(T) == typeof(double) ? Double : double.CreateChecked(T.BitIncrement(T.One) - T.One);
}
