using System.Numerics;
using System.Runtime.InteropServices;
using StableRank.LinearAlgebra;

namespace StableRank.Tests.LinearAlgebra;

/// <summary>Products formed from reflectors against the same reflectors applied one after the other, by loops in double.</summary>
[Collection(BackendSwitching.Name)]
public sealed class ReflectorProductTests
{
    /// <summary>
    /// m, n, k: single, below and at the order of the small route, edges of blocks of 16, 32 and 64, tall, wide, deficient.
    /// </summary>
    private static readonly (int M, int N, int K)[] Shapes =
    [
        (1, 1, 1), (1, 7, 1), (7, 1, 1), (24, 24, 24), (25, 25, 25), (24, 25, 24), (40, 30, 1), (32, 32, 32), (33, 33, 33), (47, 90, 31),
        (90, 47, 47), (192, 192, 192), (193, 200, 193), (230, 210, 150), (400, 390, 386),
    ];

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void FormProduct_AnyShape_EqualsOneReflectorAfterAnother(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        foreach (var (m, n, k) in Shapes)
        {
            Product<double>(m, n, k, 1, 0).Should().BeLessThanOrEqualTo(1, "{0} x {1}, {2}", m, n, k);
            Product<float>(m, n, k, 2, 0).Should().BeLessThanOrEqualTo(1, "{0} x {1}, {2}, single", m, n, k);
        }
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void FormProduct_OtherSeeds_EqualsOneReflectorAfterAnother(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        for (var seed = 3; seed < 23; seed++)
        {
            Product<double>(60 + seed, 70, 50 + seed % 7, seed, 0).Should().BeLessThanOrEqualTo(1, "seed {0}", seed);
        }
    }

    [Theory]
    [InlineData(20)]
    [InlineData(70)]
    public void Product_OneScaleOffByOneInAThousand_IsFound(int n) => Product<double>(n, n, n, 1, 1e-3).Should().BeGreaterThan(1);

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void FormScaledQ_AnyShape_EqualsOneReflectorAfterAnother(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        foreach (var (m, _, k) in Shapes)
        {
            var (v, tau) = Reflectors<double>(m, k, 5);
            var d = Dense.Random<double>(k, 1, 6);
            var expected = Diagonal(m, k, d);
            Apply(m, k, v, tau, k, expected);
            var q = (double[])v.Clone();
            Householder.FormScaledQ<double>(m, k, q, tau, d);
            Dense.Distance<double, double>(q, expected).Should().BeLessThanOrEqualTo(Tolerance<double>(m, k), "{0} x {1}", m, k);
        }
    }

    [Theory]
    [InlineData(30, 30, 12)]
    [InlineData(20, 20, 3)]
    [InlineData(100, 60, 60)]
    public void FormQ_MoreColumnsThanReflectors_EqualsOneReflectorAfterAnother(int m, int n, int k)
    {
        var (v, tau) = Reflectors<double>(m, k, 7);
        var expected = Diagonal(m, n, Enumerable.Repeat(1.0, n).ToArray());
        Apply(m, k, v, tau, n, expected);

        // what is not a reflector is not read
        const int Gap = 3;
        var a = Enumerable.Repeat(double.NaN, (m + Gap) * n).ToArray();
        for (var j = 0; j < k; j++)
        {
            v.AsSpan(j * m + j + 1, m - j - 1).CopyTo(a.AsSpan(j * (m + Gap) + j + 1));
        }

        Householder.FormQ<double>(m, n, k, a, m + Gap, tau);
        var packed = new double[m * n];
        for (var j = 0; j < n; j++)
        {
            a.AsSpan(j * (m + Gap), m).CopyTo(packed.AsSpan(j * m));
        }

        Dense.Distance<double, double>(packed, expected).Should().BeLessThanOrEqualTo(Tolerance<double>(m, n));
        a.Count(double.IsNaN).Should().Be(Gap * n, "the gap between columns stays as it was");
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public unsafe void FormQ_AgainstLapack_GivesTheSameFactor(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        if (Backend.Describe().LibraryPath is not { } path)
        {
            kind.Should().Be(BackendKind.Managed);
            return;
        }

        var orgqr = (delegate* unmanaged<int*, int*, int*, double*, int*, double*, double*, int*, int*, void>)NativeLibrary.GetExport(
            NativeLibrary.Load(path), "dorgqr_");
        foreach (var (size, reflectors) in ((int, int)[])[(24, 24), (100, 60), (300, 300)])
        {
            int m = size, k = reflectors;
            var (v, tau) = Reflectors<double>(m, k, 8);
            double[] ours = (double[])v.Clone(), theirs = (double[])v.Clone(), work = new double[64 * k];
            Householder.FormQ<double>(m, k, k, ours, m, tau);
            int length = work.Length, info;
            fixed (double* a = theirs, t = tau, w = work)
            {
                orgqr(&m, &k, &k, a, &m, t, w, &length, &info);
            }

            info.Should().Be(0);
            Dense.Distance<double, double>(ours, theirs).Should().BeLessThanOrEqualTo(2 * Tolerance<double>(m, k));
        }
    }

    /// <summary>Each of the reflectors errs by a few eps times the length of a column or a row, which is at most 1 here.</summary>
    private static double Tolerance<T>(int m, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => 4 * (m + n) * Dense.Eps<T>();

    /// <summary>The distance of the formed product from the reference, over the tolerance.</summary>
    private static double Product<T>(int m, int n, int k, int seed, double fault)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (u, tauU) = Reflectors<T>(m, k, seed);
        var (v, tauV) = Reflectors<T>(n, k, seed + 100);
        var d = Dense.Random<T>(k, 1, seed + 200);
        var expected = Diagonal(m, n, [.. d.Select(double.CreateChecked)]);
        Apply(m, k, u, tauU, n, expected);
        var transposed = Transposed(m, n, expected);
        Apply(n, k, v, tauV, m, transposed);
        expected = Transposed(n, m, transposed);

        // rows and columns that the product must overwrite
        var w = Enumerable.Repeat(T.NaN, m * n).ToArray();
        u.CopyTo(w, 0);
        tauV[k / 2] *= T.CreateChecked(1 + fault);
        Householder.FormProduct<T>(m, n, k, w, tauU, d, v, tauV);
        return Dense.Distance<T, double>(w, expected) / Tolerance<T>(m, n);
    }

    /// <summary>k reflectors with ones and zeros stored; every fifth is the identity.</summary>
    private static (T[] V, T[] Tau) Reflectors<T>(int m, int k, int seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] v = Dense.Random<T>(m, k, seed), tau = new T[k];
        for (var j = 0; j < k; j++)
        {
            v.AsSpan(j * m, j).Clear();
            v[j * m + j] = T.One;
            var square = 0.0;
            for (var i = j; i < m; i++)
            {
                square += double.CreateChecked(v[j * m + i]) * double.CreateChecked(v[j * m + i]);
            }

            tau[j] = j % 5 == 4 ? T.Zero : T.CreateChecked(2 / square);
        }

        return (v, tau);
    }

    private static double[] Diagonal(int m, int n, double[] d)
    {
        var a = new double[m * n];
        for (var i = 0; i < Math.Min(d.Length, Math.Min(m, n)); i++)
        {
            a[i + i * m] = d[i];
        }

        return a;
    }

    private static double[] Transposed(int m, int n, double[] a) =>
        [.. Enumerable.Range(0, m * n).Select(i => a[i / n + i % n * m])];

    /// <summary>a becomes H_1 ... H_k a.</summary>
    private static void Apply<T>(int m, int k, T[] v, T[] tau, int columns, double[] a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (var j = k - 1; j >= 0; j--)
        {
            for (var c = 0; c < columns; c++)
            {
                var dot = 0.0;
                for (var i = j; i < m; i++)
                {
                    dot += double.CreateChecked(v[i + j * m]) * a[i + c * m];
                }

                for (var i = j; i < m; i++)
                {
                    a[i + c * m] -= double.CreateChecked(tau[j]) * dot * double.CreateChecked(v[i + j * m]);
                }
            }
        }
    }
}
