using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Tests.Training;

/// <summary>Matrices for the tests of this folder.</summary>
internal static class TestMatrices
{
    public const double Eps = 1.0 / (1L << 52);

    public static Matrix<T> Gaussian<T>(int m, int n, ulong seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var elements = new T[m * n];
        new RandomStream(seed, purpose: 99).FillGaussian<T>(elements);
        return Matrix<T>.Build.Dense(m, n, elements);
    }

    /// <summary>U diag(values) V' with the vectors of a Gaussian matrix.</summary>
    public static Matrix<double> WithValues(int m, int n, double[] values, ulong seed)
    {
        var (_, u, vt) = SingularValues.Thin(Gaussian<double>(m, n, seed));
        return u * Matrix<double>.Build.DiagonalOfDiagonalArray(values) * vt;
    }

    public static double StableRankOf<T>(Matrix<T> w)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Spectrum.Of(w.Map(double.CreateChecked)).StableRank;

    public static double Distance(Matrix<double> a, Matrix<double> b) => (a - b).FrobeniusNorm();
}
