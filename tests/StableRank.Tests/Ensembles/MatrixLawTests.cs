using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Randomness;
using StableRank.Spectra;
using StableRank.Tests.Randomness;

namespace StableRank.Tests.Ensembles;

/// <summary>The law (2.1) for wide and tall matrices, both sides, and the checks of it failing on LAPACK's way.</summary>
public sealed class MatrixLawTests
{
    public static TheoryData<int, int, ulong> ShapesAndSeeds
    {
        get
        {
            TheoryData<int, int, ulong> data = [];
            foreach ((int m, int n) in new[] { (4, 7), (7, 4), (5, 5) })
            {
                foreach (object[] seed in (IEnumerable<object[]>)Seeds.Twenty)
                {
                    data.Add(m, n, (ulong)seed[0]);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(ShapesAndSeeds))]
    public void FromSpectrum_WideTallAndSquare_PassesEveryCheck(int m, int n, ulong seed) =>
        MatrixLawChecks.All(m, n, Sample, seed).Where(check => !(Math.Abs(check.Value) <= 1)).Should().BeEmpty();

    [Theory]
    [InlineData(4, 7)]
    [InlineData(7, 4)]
    [InlineData(5, 5)]
    public void Dlagge_WideTallAndSquare_FailsTheChecksOfSigns(int m, int n)
    {
        IReadOnlyDictionary<string, double> ratios = MatrixLawChecks.All(m, n, WrongSamplers.Dlagge, 1);
        ratios["mean of the entries"].Should().BeGreaterThan(1);
        ratios["sign of W_11"].Should().BeGreaterThan(1);
        ratios["sign of W_11, rank one"].Should().BeApproximately(
            Math.Sqrt(2000) / Statistic.StandardErrors, 1e-9, "W_11 = u_1 v_1 is never negative");
        ratios["left rotation"].Should().BeGreaterThan(1);
        ratios["right rotation"].Should().BeGreaterThan(1);
    }

    // What the checks of squares are there for: vectors that are not uniform on the sphere.
    [Fact]
    public void FactorsOfStretchedGaussians_FailTheChecksOfSquares()
    {
        static Matrix<double> Stretched(int m, int n, double[] values, RandomStream stream)
        {
            Matrix<double> Factor(int size) =>
                Matrix<double>.Build.Dense(size, size, (i, _) => (i == 0 ? 3 : 1) * stream.NextGaussian()).QR().Q;
            Matrix<double> s = Matrix<double>.Build.Dense(m, n, (i, j) => i == j && i < values.Length ? values[i] : 0);
            return Factor(m) * s * Factor(n).Transpose();
        }

        IReadOnlyDictionary<string, double> ratios = MatrixLawChecks.All(4, 7, Stretched, 1);
        ratios["(u.x)^2"].Should().BeGreaterThan(1);
        ratios["(v.y)^2"].Should().BeGreaterThan(1);
    }

    private static Matrix<double> Sample(int m, int n, double[] values, RandomStream stream) =>
        Ensemble.FromSpectrum(m, n, Spectrum.FromSingularValues(values)).Sample<double>(stream);
}
