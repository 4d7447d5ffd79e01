using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Tests.LinearAlgebra;

[Collection(BackendSwitching.Name)]
public sealed class ProductSingularValuesTests
{
    private static readonly (int M, int N, int K)[] Shapes =
        [(1, 1, 1), (9, 1, 3), (1, 9, 3), (30, 20, 4), (20, 30, 4), (40, 12, 20), (12, 40, 20), (15, 11, 60), (64, 64, 16), (13, 13, 13)];

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Of_RandomFactors_AgreesWithTheFormedProductWithinBothBounds(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        for (var seed = 0; seed < 4 * Shapes.Length; seed++)
        {
            var (m, n, k) = Shapes[seed % Shapes.Length];
            CheckAgainstProduct<double>(m, n, k, seed);
            CheckAgainstProduct<float>(m, n, k, seed);
        }
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Of_OrthonormalFactorsAndGradedScales_GivesTheScales(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        for (var seed = 0; seed < 20; seed++)
        {
            const int m = 50, n = 35, k = 12;
            double[] u = Orthonormal(m, k, 2 * seed), v = Orthonormal(n, k, (2 * seed) + 1);
            var scales = Enumerable.Range(0, k).Select(i => Math.Pow(0.1, i)).ToArray();
            for (var j = 0; j < k; j++)
            {
                for (var i = 0; i < m; i++)
                {
                    u[i + (j * m)] *= scales[j];
                }
            }

            var (values, accuracy) = ProductSingularValues.Of(Dense.ToMatrix(m, k, u), Dense.ToMatrix(n, k, v));

            // the columns u and v were orthonormal to some m eps themselves, which moves a value by as much over the norm 1
            Dense.Distance<double, double>(values.AsSpan(0, k), scales).Should().BeLessThan(accuracy + (4 * m * Dense.Eps<double>()));
            values[k..].Should().OnlyContain(value => value == 0, "what lies beyond k is zero, not noise");
            accuracy.Should().BeLessThan(2e2 * Dense.Eps<double>(), "the bound is of use");
        }
    }

    [Fact]
    public void Of_CancellingColumns_IsOffByMoreThanEpsTimesTheNorm_AndSoIsTheFormedProduct()
    {
        // A = [x, -(x + d)], B = [y, y]: the product -d y' has rank 1 exactly, d far below x
        const int m = 60, n = 40;
        for (var seed = 0; seed < 20; seed++)
        {
            float[] x = Dense.Random<float>(m, 1, seed), d = Dense.Random<float>(m, 1, seed + 100);
            var y = Dense.Random<float>(n, 1, seed + 200);
            float[] moved = [.. x.Zip(d, (a, b) => -(a + (1e-5f * b)))];
            Matrix<float> a = Dense.ToMatrix(m, 2, [.. x, .. moved]), b = Dense.ToMatrix(n, 2, [.. y, .. y]);

            var (values, accuracy) = ProductSingularValues.Of(a, b);
            var formed = SingularValues.Of(a * b.Transpose());
            var norm = Norm([.. x.Zip(moved, (p, q) => (double)p + q)]) * Norm([.. y.Select(value => (double)value)]);

            // the rule max(m, n) eps s_1 would call both ranks 2
            var rule = m * Dense.Eps<float>() * norm;
            ((double)formed[1]).Should().BeGreaterThan(rule / m, "the formed product has noise above eps s_1");
            Math.Abs(values[0] - norm).Should().BeLessThan(accuracy);
            ((double)values[1]).Should().BeLessThan(accuracy);
            accuracy.Should().BeGreaterThan(rule, "eps s_1 alone would be no bound");
            Math.Max(Math.Abs(values[0] - norm), values[1]).Should().BeGreaterThan(Dense.Eps<float>() * norm);
        }
    }

    [Fact]
    public void Of_ColumnsScaledAgainstEachOther_GivesTheSameValues()
    {
        const int m = 30, n = 25, k = 6;
        double[] a = Dense.Random<double>(m, k, 1), b = Dense.Random<double>(n, k, 2);
        var plain = ProductSingularValues.Of(Dense.ToMatrix(m, k, [.. a]), Dense.ToMatrix(n, k, [.. b]));
        for (var j = 0; j < k; j++)
        {
            var exponent = (20 * j) - 50;
            for (var i = 0; i < m; i++)
            {
                a[i + (j * m)] = Math.ScaleB(a[i + (j * m)], exponent);
            }

            for (var i = 0; i < n; i++)
            {
                b[i + (j * n)] = Math.ScaleB(b[i + (j * n)], -exponent);
            }
        }

        var scaled = ProductSingularValues.Of(Dense.ToMatrix(m, k, a), Dense.ToMatrix(n, k, b));
        scaled.Accuracy.Should().BeApproximately(plain.Accuracy, 1e-12 * plain.Accuracy);
        Dense.Distance<double, double>(scaled.Values, plain.Values).Should().BeLessThanOrEqualTo(2 * plain.Accuracy);
    }

    [Theory]
    [InlineData(1e-300, 1e250)]
    [InlineData(1e280, 1e-290)]
    [InlineData(1e-160, 1e-140)]
    public void Of_ExtremeScales_KeepsTheRatios(double scaleA, double scaleB)
    {
        var (a, b) = (Dense.ToMatrix(12, 3, Dense.Random<double>(12, 3, 1)), Dense.ToMatrix(9, 3, Dense.Random<double>(9, 3, 2)));
        var (expected, accuracy) = ProductSingularValues.Of(a, b);
        var (values, scaledAccuracy) = ProductSingularValues.Of(a * scaleA, b * scaleB);
        var scale = scaleA * scaleB;
        for (var i = 0; i < values.Length; i++)
        {
            (values[i] / scale).Should().BeApproximately(expected[i], 2 * accuracy);
        }

        (scaledAccuracy / scale).Should().BeApproximately(accuracy, 1e-6 * accuracy);
    }

    [Fact]
    public void Of_ValuesBeyondTheRange_Throws() =>
        Matrix<double>.Build.Dense(3, 1, 1e200).Invoking(a => ProductSingularValues.Of(a, a))
            .Should().Throw<ArgumentException>().WithMessage("*greatest Double*");

    [Fact]
    public void Of_NoColumnsOrZeros_GivesZeros()
    {
        var values = new double[4];
        Array.Fill(values, 7);
        ProductSingularValues.Compute<double>(4, 6, 0, [], 4, [], 6, values).Should().Be(0);
        values.Should().Equal(0, 0, 0, 0);
        ProductSingularValues.Of(Matrix<double>.Build.Dense(3, 2), Matrix<double>.Build.Dense(5, 2, 1)).Values.Should().Equal(0, 0, 0);
    }

    [Fact]
    public void Of_BadArguments_SaysWhich()
    {
        FluentActions.Invoking(() => ProductSingularValues.Of(Matrix<double>.Build.Dense(3, 2), Matrix<double>.Build.Dense(5, 4)))
            .Should().Throw<ArgumentException>().WithMessage("*3 x 2 and 5 x 4*as many columns*");
        var bad = Matrix<double>.Build.Dense(5, 2, 1);
        bad[4, 1] = double.NaN;
        FluentActions.Invoking(() => ProductSingularValues.Of(Matrix<double>.Build.Dense(3, 2), bad))
            .Should().Throw<ArgumentException>().WithMessage("*matrix b*NaN*row 4, column 1*");
        FluentActions.Invoking(() => ProductSingularValues.Compute<double>(3, 2, 2, new double[5], 3, new double[4], 2, new double[2]))
            .Should().Throw<ArgumentException>().WithMessage("*span a has 5*");
    }

    private static void CheckAgainstProduct<T>(int m, int n, int k, int seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] a = Dense.Random<T>(m, k, seed), b = Dense.Random<T>(n, k, seed + 1000);
        Matrix<T> left = Dense.ToMatrix(m, k, [.. a]), right = Dense.ToMatrix(n, k, [.. b]);
        var (values, accuracy) = ProductSingularValues.Of(left, right);
        left.AsColumnMajorArray().Should().Equal(a, "the factors are only read");

        // the product in double, whose own rounding is at most k eps/2 sum |a_j| |b_j|, within the bound in double
        var product = Dense.Multiply<T>(false, true, m, n, k, a, m, b, n);
        var expected = SingularValues.Of(Dense.ToMatrix(m, n, product));
        var formed = accuracy * Dense.Eps<double>() / Dense.Eps<T>();
        Dense.Distance<T, double>(values, expected).Should().BeLessThanOrEqualTo(accuracy + formed, "{0} x {1}, k = {2}", m, n, k);
        values.Should().BeInDescendingOrder();
        values.Skip(Math.Min(Math.Min(m, n), k)).All(value => value == T.Zero).Should().BeTrue();
    }

    private static double Norm(double[] x) => Math.Sqrt(x.Sum(value => value * value));

    private static double[] Orthonormal(int rows, int columns, int seed)
    {
        double[] q = Dense.Random<double>(rows, columns, seed), tau = new double[columns];
        Householder.Factor<double>(rows, columns, q, rows, tau);
        Householder.FormQ<double>(rows, columns, columns, q, rows, tau);
        return q;
    }
}
