using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Tests.LinearAlgebra;

[Collection(BackendSwitching.Name)]
public sealed class CholeskySolverTests
{
    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Solve_PositiveDefinite_LeavesNoResidual(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        for (var seed = 0; seed < 20; seed++)
        {
            Check<double>(1 + 7 * seed, seed);
            Check<float>(1 + 7 * seed, seed);
        }

        static void Check<T>(int n, int seed)
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            var a = Dense.PositiveDefinite<T>(n, seed);
            var b = Dense.Random<T>(n, 3, seed + 100);

            // only the lower triangle counts
            var lower = Matrix<T>.Build.Dense(n, n, (i, j) => i >= j ? a[i + j * n] : T.CreateChecked(1000));
            var solver = CholeskySolver<T>.Factor(lower);
            var x = solver.Solve(Dense.ToMatrix(n, 3, b));

            // backward error of n eps |A| |x|: entries of A up to 2, of x up to about 1 (eigenvalues at least 1)
            Dense.Distance<double, T>(Dense.Multiply<T>(false, false, n, 3, n, a, n, x.ToColumnMajorArray(), n), b)
                .Should().BeLessThanOrEqualTo(8 * n * Math.Sqrt(n) * Dense.Eps<T>(), "order {0}", n);
        }
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void LogDeterminant_KnownMatrix_IsItsLogarithm(BackendKind kind)
    {
        // I + 1 1': determinant 1 + n
        using var backend = AvailableBackends.Use(kind);
        var solver = CholeskySolver<double>.Factor(Matrix<double>.Build.Dense(100, 100, (i, j) => i == j ? 2 : 1));

        // a sum of 100 logarithms, partial sums up to the value
        solver.LogDeterminant.Should().BeApproximately(Math.Log(101), 100 * Dense.Eps<double>() * Math.Log(101));
        solver.Order.Should().Be(100);
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Factor_NotPositiveDefinite_NamesTheLeadingMinor(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        foreach (var minor in (int[])[1, 5, 49, 80])
        {
            var a = Matrix<double>.Build.DenseDiagonal(80, 80, i => i + 1 == minor ? -1 : 2);
            var act = () => CholeskySolver<double>.Factor(a);
            act.Should().Throw<NotPositiveDefiniteException>().WithMessage($"The 80 x 80 matrix*leading minor of order {minor} *")
                .Which.LeadingMinor.Should().Be(minor);
        }
    }

    [Fact]
    public void Solve_UnfitRightSide_SaysWhy()
    {
        var solver = CholeskySolver<double>.Factor(Matrix<double>.Build.DenseIdentity(3));
        var rows = () => solver.Solve(Matrix<double>.Build.Dense(4, 2));
        rows.Should().Throw<ArgumentException>().WithMessage("*4 rows; expected 3*");
        var nan = () => solver.Solve(Matrix<double>.Build.Dense(3, 1, double.NaN));
        nan.Should().Throw<ArgumentException>().WithMessage("*NaN*row 0, column 0*");
        var oblong = () => CholeskySolver<double>.Factor(Matrix<double>.Build.Dense(3, 4));
        oblong.Should().Throw<ArgumentException>().WithMessage("*3 x 4*");
    }
}
