using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Tests.LinearAlgebra;

[Collection(BackendSwitching.Name)]
public sealed class SingularValuesTests
{
    private static readonly (int M, int N)[] Shapes = [(1, 1), (1, 9), (9, 1), (2, 2), (12, 12), (40, 13), (13, 40), (65, 64)];

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Of_KnownConstruction_GivesItsValues(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        for (var seed = 0; seed < 24; seed++)
        {
            var (m, n) = Shapes[seed % Shapes.Length];
            var k = Math.Min(m, n);
            var random = new Random(seed);
            var graded = Enumerable.Range(0, k).Select(i => Math.Pow(0.7, i)).ToArray();
            var clustered = Enumerable.Range(0, k).Select(i => i < (k + 1) / 2 ? 3.0 : 1.0).ToArray();
            var deficient = Enumerable.Range(0, k).Select(i => i <= k / 3 ? 1 + random.NextDouble() : 0).OrderDescending().ToArray();
            var flat = Enumerable.Repeat(2.0, k).ToArray();
            var nearlyFlat = flat.Select(_ => 1 + 1e-13 * random.NextDouble()).OrderDescending().ToArray();
            foreach (var values in (double[][])[graded, clustered, deficient, flat, nearlyFlat])
            {
                Check<double>(m, n, values, seed);
                Check<float>(m, n, values, seed);
            }
        }
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Of_RandomMatrix_KeepsFrobeniusNormAndDeterminant(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        for (var seed = 0; seed < 20; seed++)
        {
            var a = Dense.ToMatrix(30, 30, Dense.Random<double>(30, 30, seed));
            var values = SingularValues.Of(a);
            var squares = a.Enumerate().Sum(x => x * x);
            values.Sum(s => s * s).Should().BeApproximately(squares, squares * 4 * 30 * Dense.Eps<double>());

            // each value is off by some 30 eps s_1; a logarithm of a value by that over the value
            var slack = values.Sum(s => 30 * Dense.Eps<double>() * values[0] / s);
            values.Sum(Math.Log).Should().BeApproximately(Math.Log(Math.Abs(a.Determinant())), 4 * slack);
        }
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Of_ZeroDiagonalAndExtremeMatrices_Converges(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        SingularValues.Of(Matrix<double>.Build.Dense(7, 5)).Should().Equal(0, 0, 0, 0, 0);
        SingularValues.Of(Matrix<double>.Build.DenseDiagonal(4, 4, i => i - 2)).Should().Equal(2, 1, 1, 0);

        // a Jordan block of eigenvalue 0: values 1, ..., 1, 0
        var shift = Matrix<double>.Build.Dense(9, 9, (i, j) => j == i + 1 ? 1 : 0);
        Dense.Distance<double, double>(SingularValues.Of(shift), [1, 1, 1, 1, 1, 1, 1, 1, 0]).Should().BeLessThan(9 * Dense.Eps<double>());

        // all ones: sqrt(m n) once
        Dense.Distance<double, double>(SingularValues.Of(Matrix<double>.Build.Dense(8, 18, 1)), [12, 0, 0, 0, 0, 0, 0, 0])
            .Should().BeLessThan(12 * 18 * Dense.Eps<double>());
        foreach (var scale in (double[])[1e-300, 1e-160, 1e160, 1e300])
        {
            var a = Dense.Random<double>(10, 6, 3);
            var expected = SingularValues.Of(Dense.ToMatrix(10, 6, a));
            var scaled = SingularValues.Of(Dense.ToMatrix(10, 6, [.. a.Select(x => x * scale)]));
            Dense.Distance<double, double>([.. scaled.Select(s => s / scale)], expected).Should().BeLessThan(
                4 * 10 * Dense.Eps<double>() * expected[0], "scale {0}", scale);
        }
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Thin_AnyShape_RebuildsWithOrthonormalFactors(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        foreach (var (m, n) in Shapes)
        {
            CheckThin<double>(m, n);
            CheckThin<float>(m, n);
        }
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Of_LargeMatrix_AllocatesNoVectors(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        const int m = 300, n = 200;
        var a = Dense.ToMatrix(m, n, Dense.Random<double>(m, n, 1));
        SingularValues.Of(a);
        var before = GC.GetAllocatedBytesForCurrentThread();
        SingularValues.Of(a);

        // V alone would be 320 kB, U 720 kB; workspaces come from the pool
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(n * n * sizeof(double) / 2);
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Compute_LeadingDimension_SkipsThePadding(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        var a = Dense.Random<double>(9, 5, 2);
        var padded = Enumerable.Repeat(double.NaN, 11 * 5).ToArray();
        for (var j = 0; j < 5; j++)
        {
            a.AsSpan(j * 9, 9).CopyTo(padded.AsSpan(j * 11));
        }

        var values = new double[5];
        SingularValues.Compute<double>(9, 5, padded, 11, values);
        Dense.Distance<double, double>(values, SingularValues.Of(Dense.ToMatrix(9, 5, a))).Should().BeLessThan(
            4 * 9 * Dense.Eps<double>() * values[0]);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Of_NonFiniteElement_NamesItsPlace(double bad)
    {
        var a = Matrix<double>.Build.Dense(4, 3, 1);
        a[2, 1] = bad;
        var values = () => SingularValues.Of(a);
        values.Should().Throw<ArgumentException>().WithMessage($"*{bad}*row 2, column 1*");
        var thin = () => SingularValues.Thin(a);
        thin.Should().Throw<ArgumentException>().WithMessage($"*{bad}*row 2, column 1*");
    }

    [Fact]
    public void Of_OtherStorages_ReadsTheSameMatrix()
    {
        var dense = Dense.ToMatrix(6, 4, Dense.Random<double>(6, 4, 3));
        SingularValues.Of(Matrix<double>.Build.SparseOfMatrix(dense)).Should().Equal(SingularValues.Of(dense));
    }

    private static void Check<T>(int m, int n, double[] values, int seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var a = Dense.OfSingularValues(m, n, values, seed).Select(T.CreateChecked).ToArray();
        var matrix = Dense.ToMatrix(m, n, (T[])a.Clone());
        var found = SingularValues.Of(matrix);

        // Weyl: off by the norm of the error in the matrix (rounding of entries to T) and of the factorisation, both about k eps s_1, and
        // of the off-diagonal that LAPACK's dqds neglects: up to 100 eps of its neighbours (TOL2 in dlasq2), which shows where values are
        // all but equal
        const int neglected = 100;
        var tolerance = ((4 * Math.Max(m, n)) + neglected) * Dense.Eps<T>() * values[0];
        Dense.Distance<T, double>(found, values).Should().BeLessThanOrEqualTo(tolerance, "{0} x {1}", m, n);
        found.Should().BeInDescendingOrder();
        matrix.ToColumnMajorArray().Should().Equal(a, "the input is only read");
    }

    private static void CheckThin<T>(int m, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var k = Math.Min(m, n);
        var a = Dense.Random<T>(m, n, m + n);
        var (values, u, vt) = SingularValues.Thin(Dense.ToMatrix(m, n, a));
        (u.RowCount, u.ColumnCount, vt.RowCount, vt.ColumnCount).Should().Be((m, k, k, n));
        T[] left = u.ToColumnMajorArray(), right = vt.Transpose().ToColumnMajorArray();
        var tolerance = 4 * Math.Max(m, n) * Dense.Eps<T>();
        Dense.Unorthogonality(m, k, left).Should().BeLessThanOrEqualTo(tolerance);
        Dense.Unorthogonality(n, k, right).Should().BeLessThanOrEqualTo(tolerance);
        for (var j = 0; j < k; j++)
        {
            for (var i = 0; i < m; i++)
            {
                left[i + j * m] *= values[j];
            }
        }

        Dense.Distance<double, T>(Dense.Multiply<T>(false, true, m, n, k, left, m, right, n), a)
            .Should().BeLessThanOrEqualTo(tolerance * double.CreateChecked(values[0]), "{0} x {1}", m, n);
        Dense.Distance<T, T>(values, SingularValues.Of(Dense.ToMatrix(m, n, a))).Should().BeLessThanOrEqualTo(
            tolerance * double.CreateChecked(values[0]), "values alone are the same");
    }
}
