using System.Numerics;
using StableRank.LinearAlgebra;
using StableRank.LinearAlgebra.Managed;

namespace StableRank.Tests.LinearAlgebra;

[Collection(BackendSwitching.Name)]
public sealed class GemmTests
{
    /// <summary>m, n, k: empty, single, odd, thin, and past each block size of the managed kernel (128, 256, 512) and its tiles.</summary>
    private static readonly (int M, int N, int K)[] Sizes =
        [(1, 1, 1), (3, 5, 7), (4, 4, 0), (16, 16, 16), (17, 9, 33), (1, 70, 5), (70, 1, 5), (129, 6, 257), (5, 515, 11), (65, 66, 64)];

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Gemm_EveryTransposeAndFactor_EqualsTripleLoop(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        CheckGemm<double>();
        CheckGemm<float>();
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Gemm_BetaZero_OverwritesNaN(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        foreach (var k in (int[])[0, 1, 40])
        {
            var c = Enumerable.Repeat(double.NaN, 30 * 20).ToArray();
            var a = Dense.Random<double>(30, k, 1);
            var b = Dense.Random<double>(k, 20, 2);
            Blas.Gemm<double>(Transpose.No, Transpose.No, 30, 20, k, 1, a, 30, b, Math.Max(k, 1), 0, c, 30);
            c.Should().NotContain(x => double.IsNaN(x));
        }
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Gemm_NaNInOperand_ReachesTheProduct(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        var a = Dense.Random<double>(20, 20, 1);
        a[3 + 7 * 20] = double.NaN;
        var c = new double[400];
        Blas.Gemm<double>(Transpose.No, Transpose.No, 20, 20, 20, 1, a, 20, Dense.Random<double>(20, 20, 2), 20, 0, c, 20);
        Enumerable.Range(0, 400).Where(i => double.IsNaN(c[i])).Should().Equal(Enumerable.Range(0, 20).Select(j => 3 + 20 * j));
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Gemv_EveryTransposeAndFactor_EqualsTripleLoop(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        CheckGemv<double>();
        CheckGemv<float>();
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Syrk_EveryTransposeAndFactor_EqualsTripleLoopInBothTriangles(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        CheckSyrk<double>();
        CheckSyrk<float>();
    }

    [Fact]
    public void Gemm_ShortSpan_NamesSpanAndSizes()
    {
        var act = () => Blas.Gemm<double>(
            Transpose.No, Transpose.Yes, 2, 3, 4, 1, new double[8], 2, new double[11], 3, 0, new double[6], 2);
        act.Should().Throw<ArgumentException>().WithMessage("The span b has 11 elements; expected at least 12 for 3 x 4*");
        var leading = () => Blas.Gemm<double>(
            Transpose.No, Transpose.No, 2, 3, 4, 1, new double[8], 1, new double[12], 4, 0, new double[6], 2);
        leading.Should().Throw<ArgumentException>().WithMessage("The leading dimension of a is 1; expected at least 2*");
        var negative = () => Blas.Gemm<double>(
            Transpose.No, Transpose.No, -2, 3, 4, 1, new double[8], 2, new double[12], 4, 0, new double[6], 2);
        negative.Should().Throw<ArgumentOutOfRangeException>().WithMessage("The size m is -2*");
    }

    [Fact]
    public void Gemm_UnsupportedElementType_NamesIt()
    {
        var act = () => Blas.Gemm<Half>(
            Transpose.No, Transpose.No, 1, 1, 1, Half.One, [Half.One], 1, [Half.One], 1, Half.Zero, new Half[1], 1);
        act.Should().Throw<NotSupportedException>().WithMessage("*System.Half*");
    }

    [Fact]
    public unsafe void ManagedGemm_AnyNumberOfThreads_SameBits()
    {
        foreach (var (m, n, k) in (ReadOnlySpan<(int, int, int)>)[(150, 70, 300), (70, 150, 300), (257, 129, 65)])
        {
            var expected = Product(1, m, n, k);
            foreach (var threads in (int[])[2, 3, 5, 16])
            {
                Product(threads, m, n, k).Should().Equal(expected, "{0} threads, {1} x {2} x {3}", threads, m, n, k);
            }
        }

        static double[] Product(int threads, int m, int n, int k)
        {
            double[] a = Dense.Random<double>(m, k, 1), b = Dense.Random<double>(k, n, 2), c = Dense.Random<double>(m, n, 3);
            fixed (double* pa = a, pb = b, pc = c)
            {
                ManagedGemm.Run(threads, false, false, m, n, k, 1.25, pa, m, pb, k, 0.5, pc, m);
            }

            return c;
        }
    }

    /// <summary>
    /// Rounding of a sum of k products of numbers up to 1, whatever its order, and of the two factors: (k + 3) eps (k + 1) times 2.
    /// </summary>
    private static double Tolerance<T>(int k)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        2 * Dense.Eps<T>() * (k + 3) * (k + 1);

    private static void CheckGemm<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var seed = 0;
        foreach (var (m, n, k) in Sizes)
        {
            foreach (var (transA, transB) in ((bool, bool)[])[(false, false), (true, false), (false, true), (true, true)])
            {
                foreach (var (alpha, beta) in ((double, double)[])[(1, 0), (-0.75, 1), (0.5, -0.5), (0, 0.25)])
                {
                    // padding below each column, which must stay as it is in c
                    int lda = (transA ? k : m) + 2, ldb = (transB ? n : k) + 1, ldc = m + 3;
                    var a = Dense.Random<T>(lda, transA ? m : k, ++seed);
                    var b = Dense.Random<T>(ldb, transB ? k : n, ++seed);
                    var c = Dense.Random<T>(ldc, n, ++seed);
                    var before = (T[])c.Clone();
                    Blas.Gemm<T>(
                        transA ? Transpose.Yes : Transpose.No, transB ? Transpose.Yes : Transpose.No, m, n, k,
                        T.CreateChecked(alpha), a, lda, b, ldb, T.CreateChecked(beta), c, ldc);

                    var product = Dense.Multiply<T>(transA, transB, m, n, k, a, lda, b, ldb);
                    var expected = before.Select(double.CreateChecked).ToArray();
                    for (var j = 0; j < n; j++)
                    {
                        for (var i = 0; i < m; i++)
                        {
                            expected[i + j * ldc] = alpha * product[i + j * m] + beta * expected[i + j * ldc];
                        }
                    }

                    Dense.Distance<T, double>(c, expected).Should().BeLessThanOrEqualTo(
                        Tolerance<T>(k), "{0} x {1} x {2}, {3} {4}, alpha {5}, beta {6}", m, n, k, transA, transB, alpha, beta);
                }
            }
        }
    }

    private static void CheckGemv<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (var (m, n, _) in Sizes.Append((0, 3, 0)).Append((3, 0, 0)))
        {
            foreach (var trans in (bool[])[false, true])
            {
                foreach (var (alpha, beta) in ((double, double)[])[(1, 0), (-0.75, 0.5)])
                {
                    int lda = m + 2, inner = trans ? m : n, outer = trans ? n : m;
                    T[] a = Dense.Random<T>(lda, n, 1), x = Dense.Random<T>(inner, 1, 2), y = Dense.Random<T>(outer, 1, 3);
                    var product = Dense.Multiply<T>(trans, false, outer, 1, inner, a, lda, x, Math.Max(inner, 1));
                    var expected = y.Select((v, i) => alpha * product[i] + beta * double.CreateChecked(v)).ToArray();
                    if (beta == 0)
                    {
                        Array.Fill(y, T.NaN);
                    }

                    Blas.Gemv<T>(trans ? Transpose.Yes : Transpose.No, m, n, T.CreateChecked(alpha), a, lda, x, T.CreateChecked(beta), y);
                    Dense.Distance<T, double>(y, expected).Should().BeLessThanOrEqualTo(Tolerance<T>(inner), "{0} x {1}, {2}", m, n, trans);
                }
            }
        }
    }

    private static void CheckSyrk<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (var (n, k) in ((int, int)[])[(1, 1), (5, 3), (33, 70), (65, 0), (130, 20)])
        {
            foreach (var trans in (bool[])[false, true])
            {
                foreach (var (alpha, beta) in ((double, double)[])[(1, 0), (-0.75, 0.5)])
                {
                    int lda = (trans ? k : n) + 1, ldc = n + 2;
                    T[] a = Dense.Random<T>(lda, trans ? n : k, 1), c = Dense.Random<T>(ldc, n, 2);
                    var product = Dense.Multiply<T>(trans, !trans, n, n, k, a, lda, a, lda);
                    var expected = c.Select(double.CreateChecked).ToArray();
                    for (var j = 0; j < n; j++)
                    {
                        for (var i = j; i < n; i++)
                        {
                            expected[i + j * ldc] = expected[j + i * ldc] = alpha * product[i + j * n] + beta * expected[i + j * ldc];
                            c[i + j * ldc] = beta == 0 ? T.NaN : c[i + j * ldc];

                            // what is above the diagonal on entry must not matter
                            c[j + i * ldc] = i == j ? c[j + i * ldc] : T.NaN;
                        }
                    }

                    Blas.Syrk<T>(trans ? Transpose.Yes : Transpose.No, n, k, T.CreateChecked(alpha), a, lda, T.CreateChecked(beta), c, ldc);
                    Dense.Distance<T, double>(c, expected).Should().BeLessThanOrEqualTo(Tolerance<T>(k), "{0} x {1}, {2}", n, k, trans);
                }
            }
        }
    }
}
