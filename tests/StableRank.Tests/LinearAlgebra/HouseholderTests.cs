using System.Numerics;
using StableRank.LinearAlgebra;

namespace StableRank.Tests.LinearAlgebra;

[Collection(BackendSwitching.Name)]
public sealed class HouseholderTests
{
    /// <summary>m, n: square, tall, wide, single, and past the managed block of 32 columns.</summary>
    private static readonly (int M, int N)[] Shapes = [(1, 1), (1, 6), (6, 1), (20, 20), (50, 20), (20, 50), (97, 97), (130, 70)];

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Factor_AnyShape_GivesOrthogonalQAndTheMatrixBack(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        for (var seed = 0; seed < 20; seed++)
        {
            var (m, n) = Shapes[seed % Shapes.Length];
            CheckFactor<double>(m, n, seed);
            CheckFactor<float>(m, n, seed);
        }
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void ApplyQ_EverySideAndTranspose_EqualsProductWithFormedQ(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        foreach (var (order, k) in ((int, int)[])[(1, 1), (7, 3), (40, 40), (75, 33), (20, 0)])
        {
            CheckApply<double>(order, k, 19);
            CheckApply<float>(order, k, 19);

            // few enough to be reflected one by one
            CheckApply<double>(order, k, 3);
            CheckApply<float>(order, k, 1);
        }

        // wider blocks, the last of them narrower
        CheckApply<double>(200, 150, 170);
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void FormQ_KnownReflector_IsThatReflection(BackendKind kind)
    {
        // v = (1, 1), tau = 2/(v'v) = 1: I - v v' exchanges the axes with a change of sign
        using var backend = AvailableBackends.Use(kind);
        double[] a = [99, 1, 99, 99];
        Householder.FormQ<double>(2, 2, 1, a, 2, [1.0]);
        a.Should().Equal([0, -1, -1, 0], (x, y) => Math.Abs(x - y) < 1e-15);
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Factor_ExtremeScalesAndZeroColumns_StaysFinite(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        foreach (var scale in (double[])[1e-200, 1e200, 0])
        {
            var a = Dense.Random<double>(12, 8, 4).Select(x => x * scale).ToArray();
            Array.Clear(a, 24, 12);
            double[] factored = (double[])a.Clone(), tau = new double[8];
            Householder.Factor<double>(12, 8, factored, 12, tau);
            Rebuilt(12, 8, factored, tau).Select(x => scale == 0 ? x : x / scale).ToArray()
                .Should().Equal(a.Select(x => scale == 0 ? x : x / scale), (x, y) => Math.Abs(x - y) <= 12 * 8 * Dense.Eps<double>());
        }
    }

    [Fact]
    public void FormQ_MoreColumnsThanRows_Throws()
    {
        var act = () => Householder.FormQ<double>(3, 4, 2, new double[12], 3, new double[2]);
        act.Should().Throw<ArgumentException>().WithMessage("The sizes are m = 3, n = 4, k = 2; expected m >= n >= k.");
        var apply = () => Householder.ApplyQ<double>(
            Side.Right, Transpose.No, 9, 3, 4, new double[40], 3, new double[4], new double[27], 9);
        apply.Should().Throw<ArgumentException>().WithMessage("*k = 4; expected at most 3*");
    }

    private static void CheckFactor<T>(int m, int n, int seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var k = Math.Min(m, n);
        var a = Dense.Random<T>(m, n, seed);
        T[] factored = (T[])a.Clone(), tau = new T[k];
        Householder.Factor<T>(m, n, factored, m, tau);

        // the error of k reflections grows like the order times eps, entries are up to sqrt(m)
        var tolerance = 4 * Math.Max(m, n) * Dense.Eps<T>();
        Dense.Distance<double, T>(Rebuilt(m, n, factored, tau), a).Should().BeLessThanOrEqualTo(
            tolerance * Math.Sqrt(m), "{0} x {1}", m, n);

        var q = factored[..(m * k)];
        Householder.FormQ<T>(m, k, k, q, m, tau);
        Dense.Unorthogonality(m, k, q).Should().BeLessThanOrEqualTo(tolerance, "{0} x {1}", m, n);
    }

    /// <summary>Q R with Q applied to the upper triangle.</summary>
    private static double[] Rebuilt<T>(int m, int n, T[] factored, T[] tau)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var r = (T[])factored.Clone();
        for (var j = 0; j < Math.Min(m, n); j++)
        {
            r.AsSpan(j * m + j + 1, m - j - 1).Clear();
        }

        Householder.ApplyQ<T>(Side.Left, Transpose.No, m, n, Math.Min(m, n), factored, m, tau, r, m);
        return [.. r.Select(double.CreateChecked)];
    }

    private static void CheckApply<T>(int order, int k, int other)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var lda = order + 1;
        T[] reflectors = Dense.Random<T>(lda, Math.Max(k, 1), 5), tau = new T[k];
        Householder.Factor<T>(order, k, reflectors, lda, tau);
        var before = (T[])reflectors.Clone();
        var q = new T[order * order];
        for (var j = 0; j < k; j++)
        {
            reflectors.AsSpan(j * lda, order).CopyTo(q.AsSpan(j * order));
        }

        Householder.FormQ<T>(order, order, k, q, order, tau);
        foreach (var side in (Side[])[Side.Left, Side.Right])
        {
            foreach (var trans in (Transpose[])[Transpose.No, Transpose.Yes])
            {
                var left = side == Side.Left;
                int m = left ? order : other, n = left ? other : order, ldc = m + 2;
                var c = Dense.Random<T>(ldc, n, 6);
                var packed = new T[m * n];
                for (var j = 0; j < n; j++)
                {
                    c.AsSpan(j * ldc, m).CopyTo(packed.AsSpan(j * m));
                }

                var expected = left
                    ? Dense.Multiply<T>(trans == Transpose.Yes, false, m, n, m, q, m, packed, m)
                    : Dense.Multiply<T>(false, trans == Transpose.Yes, m, n, n, packed, m, q, n);
                Householder.ApplyQ<T>(side, trans, m, n, k, reflectors, lda, tau, c, ldc);
                for (var j = 0; j < n; j++)
                {
                    c.AsSpan(j * ldc, m).CopyTo(packed.AsSpan(j * m));
                }

                Dense.Distance<T, double>(packed, expected).Should().BeLessThanOrEqualTo(
                    4 * order * Math.Sqrt(order) * Dense.Eps<T>(), "order {0}, k {1}, {2}, {3}", order, k, side, trans);
            }
        }

        reflectors.Should().Equal(before, "the reflectors are read only");
    }
}
