using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Tests.LinearAlgebra;

[Collection(BackendSwitching.Name)]
public sealed class SymmetricEigenvaluesTests
{
    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Of_SecondDifference_GivesItsClosedForm(BackendKind kind)
    {
        // tridiagonal (-1, 2, -1): 4 sin^2(j pi / (2 (n + 1))), j = 1 to n
        using var backend = AvailableBackends.Use(kind);
        Check<double>();
        Check<float>();

        static void Check<T>()
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            foreach (var n in (int[])[1, 2, 17, 60])
            {
                var a = Matrix<T>.Build.Dense(n, n, (i, j) => T.CreateChecked(i == j ? 2 : Math.Abs(i - j) == 1 ? -1 : 0));
                var expected = Enumerable.Range(1, n).Select(j => 4 * Math.Pow(Math.Sin(j * Math.PI / (2 * (n + 1))), 2)).ToArray();
                Dense.Distance<T, double>(SymmetricEigenvalues.Of(a), expected).Should().BeLessThanOrEqualTo(4 * 4 * n * Dense.Eps<T>());
            }
        }
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void WithVectors_RandomSymmetric_Diagonalises(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        for (var seed = 0; seed < 20; seed++)
        {
            Check<double>(1 + 2 * seed, seed);
            Check<float>(1 + 2 * seed, seed);
        }

        static void Check<T>(int n, int seed)
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            var elements = Dense.Random<T>(n, n, seed);
            var symmetric = Matrix<T>.Build.Dense(n, n, (i, j) => elements[Math.Max(i, j) + Math.Min(i, j) * n]);

            // what stands above the diagonal must not be read
            var lower = Matrix<T>.Build.Dense(n, n, (i, j) => i >= j ? symmetric[i, j] : T.CreateChecked(1000));
            var before = lower.Clone();
            var (values, vectors) = SymmetricEigenvalues.WithVectors(lower);
            lower.Should().Be(before);
            values.Should().BeInAscendingOrder();
            var v = vectors.ToColumnMajorArray();
            var tolerance = 4 * n * Dense.Eps<T>();
            Dense.Unorthogonality(n, n, v).Should().BeLessThanOrEqualTo(tolerance);
            var product = Dense.Multiply<T>(false, false, n, n, n, symmetric.ToColumnMajorArray(), n, v, n);
            var scaled = v.Select((x, i) => double.CreateChecked(x) * double.CreateChecked(values[i / n])).ToArray();
            Dense.Distance<double, double>(product, scaled).Should().BeLessThanOrEqualTo(tolerance * n, "order {0}", n);
            Dense.Distance<T, T>(SymmetricEigenvalues.Of(lower), values).Should().BeLessThanOrEqualTo(tolerance * n);
        }
    }

    [Fact]
    public void Of_UnfitMatrix_SaysWhy()
    {
        var oblong = () => SymmetricEigenvalues.Of(Matrix<double>.Build.Dense(3, 4));
        oblong.Should().Throw<ArgumentException>().WithMessage("*3 x 4; expected a square one*");
        var infinite = () => SymmetricEigenvalues.Of(Matrix<double>.Build.Dense(2, 2, double.NegativeInfinity));
        infinite.Should().Throw<ArgumentException>().WithMessage("*row 0, column 0*");
    }
}
