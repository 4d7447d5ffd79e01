using System.Numerics.Tensors;

namespace StableRank.LinearAlgebra.Provider;

/// <summary>The vector operations: vectorised managed code, which at memory speed a native library does not better.</summary>
internal sealed unsafe partial class ProviderOperations<T>
{
    public void AddVectorToScaledVector(T[] y, T alpha, T[] x, T[] result)
    {
        Require(y, nameof(y));
        RequireSameLength(x, y.Length, nameof(x));
        RequireSameLength(result, y.Length, nameof(result));
        if (T.IsZero(alpha))
        {
            y.AsSpan().CopyTo(result);
            return;
        }

        TensorPrimitives.MultiplyAdd(x, alpha, y, result);
    }

    public void ScaleArray(T alpha, T[] x, T[] result)
    {
        Require(x, nameof(x));
        RequireSameLength(result, x.Length, nameof(result));
        if (T.IsZero(alpha))
        {
            Array.Clear(result);
            return;
        }

        TensorPrimitives.Multiply(x, alpha, result);
    }

    public void ConjugateArray(T[] x, T[] result)
    {
        Require(x, nameof(x));
        RequireSameLength(result, x.Length, nameof(result));
        x.AsSpan().CopyTo(result);
    }

    public T DotProduct(T[] x, T[] y)
    {
        Require(y, nameof(y));
        RequireSameLength(x, y.Length, nameof(x));
        return TensorPrimitives.Dot<T>(x, y);
    }

    public void AddArrays(T[] x, T[] y, T[] result)
    {
        RequireThree(x, y, result);
        TensorPrimitives.Add<T>(x, y, result);
    }

    public void SubtractArrays(T[] x, T[] y, T[] result)
    {
        RequireThree(x, y, result);
        TensorPrimitives.Subtract<T>(x, y, result);
    }

    public void PointWiseMultiplyArrays(T[] x, T[] y, T[] result)
    {
        RequireThree(x, y, result);
        TensorPrimitives.Multiply<T>(x, y, result);
    }

    public void PointWiseDivideArrays(T[] x, T[] y, T[] result)
    {
        RequireThree(x, y, result);
        TensorPrimitives.Divide<T>(x, y, result);
    }

    /// <summary>By element: a vectorised exp(y log x) would lose digits.</summary>
    public void PointWisePowerArrays(T[] x, T[] y, T[] result)
    {
        RequireThree(x, y, result);
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = T.Pow(x[i], y[i]);
        }
    }

    private static void RequireThree(T[] x, T[] y, T[] result)
    {
        Require(y, nameof(y));
        RequireSameLength(x, y.Length, nameof(x));
        RequireSameLength(result, y.Length, nameof(result));
    }

    private static void RequireSameLength(T[] array, int length, string name)
    {
        ArgumentNullException.ThrowIfNull(array, name);
        if (array.Length != length)
        {
            throw new ArgumentException($"The array {name} has {array.Length} elements; expected {length}, as the other.", name);
        }
    }
}
