using MathNet.Numerics.LinearAlgebra;
using StableRank.Randomness;

namespace StableRank.Tests.Ensembles;

/// <summary>
/// The two known wrong ways to sample, in plain loops: what the checks of the laws are there to catch. Neither is used by the library.
/// </summary>
internal static class WrongSamplers
{
    /// <summary>H_1 ... H_(n-1) without the diagonal of random signs, order n.</summary>
    public static Matrix<double> WithoutSigns(int n, RandomStream stream)
    {
        Matrix<double> q = Matrix<double>.Build.DenseIdentity(n);
        for (int i = n - 2; i >= 0; i--)
        {
            ReflectRows(q, Reflector(n - i, stream), i);
        }

        return q;
    }

    /// <summary>
    /// LAPACK's test-matrix generator DLAGGE: for i = min(m, n), ..., 1 a random reflection of length m - i + 1 from the left and one of
    /// length n - i + 1 from the right, on diag(s), none of length 1, and no signs.
    /// </summary>
    public static Matrix<double> Dlagge(int m, int n, double[] s, RandomStream stream)
    {
        Matrix<double> a = Matrix<double>.Build.Dense(m, n, (i, j) => i == j && i < s.Length ? s[i] : 0);
        for (int i = Math.Min(m, n) - 1; i >= 0; i--)
        {
            if (i < m - 1)
            {
                ReflectRows(a, Reflector(m - i, stream), i);
            }

            if (i < n - 1)
            {
                Matrix<double> transposed = a.Transpose();
                ReflectRows(transposed, Reflector(n - i, stream), i);
                a = transposed.Transpose();
            }
        }

        return a;
    }

    private static double[] Reflector(int length, RandomStream stream)
    {
        double[] v = new double[length];
        stream.FillGaussian<double>(v);
        v[0] += Math.CopySign(Math.Sqrt(v.Sum(x => x * x)), v[0]);
        double norm = Math.Sqrt(v.Sum(x => x * x));
        return v.Select(x => x / norm).ToArray();
    }

    private static void ReflectRows(Matrix<double> a, double[] v, int first)
    {
        for (int j = 0; j < a.ColumnCount; j++)
        {
            double dot = 0;
            for (int i = 0; i < v.Length; i++)
            {
                dot += v[i] * a[first + i, j];
            }

            for (int i = 0; i < v.Length; i++)
            {
                a[first + i, j] -= 2 * dot * v[i];
            }
        }
    }
}
