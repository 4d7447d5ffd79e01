using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.LinearAlgebra.Managed;

namespace StableRank.Tests.LinearAlgebra;

/// <summary>Called by themselves at sizes that the public classes leave to one stage, and through them beyond.</summary>
[Collection(BackendSwitching.Name)]
public sealed unsafe class TwoStageSingularValuesTests
{
    /// <summary>
    /// One column, one row, less than a band, a band and a little, no multiple of it, tall with and without a QR first, wide.
    /// </summary>
    private static readonly (int M, int N)[] Shapes =
        [(1, 1), (1, 9), (9, 1), (2, 2), (12, 12), (32, 32), (33, 33), (65, 64), (97, 97), (110, 100), (150, 71), (71, 150), (40, 39)];

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Compute_KnownConstruction_GivesItsValues(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        for (var seed = 0; seed < 2 * Shapes.Length; seed++)
        {
            var (m, n) = Shapes[seed % Shapes.Length];
            foreach (var values in Spectra(Math.Min(m, n), seed))
            {
                ErrorOfConstruction<double>(m, n, values, seed, 0).Should().BeLessThanOrEqualTo(1, "{0} x {1}, seed {2}", m, n, seed);
                ErrorOfConstruction<float>(m, n, values, seed, 0).Should().BeLessThanOrEqualTo(1, "{0} x {1}, seed {2}", m, n, seed);
            }
        }
    }

    [Fact]
    public void ErrorOfConstruction_OneElementOff_IsSeen()
    {
        // one element moved by 1e-9 s_1: n = 97 allows 4 97 eps s_1 = 9e-14 s_1
        var flat = Enumerable.Repeat(2.0, 97).ToArray();
        ErrorOfConstruction<double>(97, 97, flat, 1, 2e-9).Should().BeGreaterThan(1);
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Of_BeyondTheThreshold_AgreesWithTheFullDecomposition(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        foreach (var (m, n) in ((int, int)[])[(384, 384), (345, 345), (400, 350), (330, 700)])
        {
            AgreeWithThin<double>(m, n);
            AgreeWithThin<float>(m, n);
        }
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Of_LowRankBeyondTheThreshold_KeepsNoiseBelowTheRankTolerance(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        foreach (var rank in (int[])[1, 31, 32, 33, 200])
        {
            CheckNoise<double>(360, 340, rank);
            CheckNoise<float>(360, 340, rank);
        }
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Compute_ZeroDiagonalAndExtremeMatrices_IsRight(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        Compute<double>(70, 70, new double[70 * 70]).Should().AllBeEquivalentTo(0.0);
        var diagonal = new double[70 * 70];
        for (var i = 0; i < 70; i++)
        {
            diagonal[i * 71] = i - 35;
        }

        Dense.Distance<double, double>(
            Compute(70, 70, diagonal), [.. Enumerable.Range(-35, 70).Select(i => (double)Math.Abs(i)).OrderDescending()])
            .Should().BeLessThan(4 * 70 * Dense.Eps<double>() * 35);
        CheckScales<double>([1e-310, 1e-300, 1e-160, 1e-130, 1e130, 1e160, 1e300]);
        CheckScales<float>([1e-36, 1e-20, 1e-10, 1e10, 1e20, 1e36]);
    }

    /// <summary>Off the diagonal the squares are subnormal: a reflector scaled by their sum would not be orthogonal.</summary>
    [Fact]
    public void Compute_ElementsWhoseSquaresUnderflow_IsRight()
    {
        const int n = 100;
        foreach (var small in (double[])[1e-150, 1e-155, 1e-158, 1e-160, 1e-161, 1e-162, 1e-170])
        {
            var a = Dense.Random<double>(n, n, 4);
            for (var i = 0; i < a.Length; i++)
            {
                a[i] = i % (n + 1) == 0 ? 1 : small * a[i];
            }

            // the band directly: elements in the middle of it meet no larger ones before
            using var storage = new Rented<double>(UpperBand<double>.Length(n, 32));
            storage.Span.Clear();
            double[] d = new double[n], e = new double[n];
            fixed (double* s = storage.Array, pd = d, pe = e)
            {
                var band = new UpperBand<double>(n, 32, s);
                for (var j = 0; j < n; j++)
                {
                    for (var i = Math.Max(0, j - 32); i <= j; i++)
                    {
                        *band.At(i, j) = a[i + j * n];
                    }
                }

                BandBidiagonalisation.Reduce(band, pd, pe);
                Kernels<double>.Current.BidiagonalSingularValues(n, pd, pe).Should().Be(0);
            }

            var ones = Enumerable.Repeat(1.0, n).ToArray();
            Dense.Distance<double, double>(d, ones).Should().BeLessThan(4 * n * Dense.Eps<double>(), "elements of {0}", small);
            Dense.Distance<double, double>(Compute(n, n, a), ones).Should().BeLessThan(4 * n * Dense.Eps<double>());
        }
    }

    [Theory]
    [InlineData(20)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(111)]
    public void BandBidiagonalisation_Band_LeavesTwoDiagonalsOfTheSameValues(int n)
    {
        const int b = 32;
        var dense = Matrix<double>.Build.Dense(n, n);
        var random = new Random(n);
        double[] storage = new double[UpperBand<double>.Length(n, b)], d = new double[n], e = new double[n];
        fixed (double* s = storage, pd = d, pe = e)
        {
            var band = new UpperBand<double>(n, b, s);
            for (var j = 0; j < n; j++)
            {
                for (var i = Math.Max(0, j - b); i <= j; i++)
                {
                    *band.At(i, j) = dense[i, j] = 2 * random.NextDouble() - 1;
                }
            }

            BandBidiagonalisation.Reduce(band, pd, pe);
            for (var j = 0; j < n; j++)
            {
                *band.At(j, j) = 0;
                *band.At(Math.Max(j - 1, 0), j) = 0;
            }

            Kernels<double>.Current.BidiagonalSingularValues(n, pd, pe).Should().Be(0);
        }

        storage.Should().AllBeEquivalentTo(0.0, "only the two diagonals are left");
        var expected = SingularValues.Thin(dense).Values;
        Dense.Distance<double, double>(d, expected).Should().BeLessThan(4 * n * Dense.Eps<double>() * expected[0]);
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Of_BeyondTheThresholdTwice_GivesTheSameBits(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        var a = Dense.ToMatrix(350, 350, Dense.Random<float>(350, 350, 8));
        var first = SingularValues.Of(a);
        SingularValues.Of(a).Should().Equal(first);
        a[17, 300] = float.NaN;
        FluentActions.Invoking(() => SingularValues.Of(a)).Should().Throw<ArgumentException>().WithMessage("*row 17, column 300*");
    }

    [Fact]
    public void Compute_Managed_DoesNotDependOnThreads()
    {
        var a = Dense.Random<double>(300, 290, 9);
        Compute(300, 290, a, new ManagedKernels<double>(1)).Should().Equal(Compute(300, 290, a, new ManagedKernels<double>(3)));
    }

    [Theory]
    [MemberData(nameof(AvailableBackends.Kinds), MemberType = typeof(AvailableBackends))]
    public void Of_BeyondTheThreshold_WorksInRentedMemory(BackendKind kind)
    {
        using var backend = AvailableBackends.Use(kind);
        using var alone = Backend.SingleThreaded();
        const int n = 384;
        var a = Dense.ToMatrix(n, n, Dense.Random<double>(n, n, 1));
        SingularValues.Of(a);
        var before = GC.GetAllocatedBytesForCurrentThread();
        SingularValues.Of(a);

        // the result and little else: a column of blocks alone would be 98 kB
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(4 * n * sizeof(double));
    }

    private static IEnumerable<double[]> Spectra(int k, int seed)
    {
        var random = new Random(seed);
        yield return [.. Enumerable.Range(0, k).Select(i => Math.Pow(0.7, i))];
        yield return [.. Enumerable.Range(0, k).Select(i => i < (k + 1) / 2 ? 3.0 : 1.0)];
        yield return [.. Enumerable.Range(0, k).Select(i => i <= k / 3 ? 1 + random.NextDouble() : 0).OrderDescending()];
        yield return [.. Enumerable.Repeat(2.0, k)];
        yield return [.. Enumerable.Range(0, k).Select(_ => 1 + 1e-13 * random.NextDouble()).OrderDescending()];
        yield return [.. Enumerable.Range(0, k).Select(_ => random.NextDouble()).OrderDescending()];
    }

    /// <summary>
    /// The largest error of a value over the tolerance: by Weyl's inequality the norm of the errors in the matrix, the rounding of its
    /// entries to T and that of the orthogonal transformations, each about max(m, n) eps s_1.
    /// </summary>
    private static double ErrorOfConstruction<T>(int m, int n, double[] values, int seed, double planted)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var a = Dense.OfSingularValues(m, n, values, seed).Select(T.CreateChecked).ToArray();
        a[a.Length / 2] += T.CreateChecked(planted);
        var found = Compute(m, n, a);
        found.Should().BeInDescendingOrder();
        return Dense.Distance<T, double>(found, values) / (4 * Math.Max(m, n) * Dense.Eps<T>() * values[0]);
    }

    private static void AgreeWithThin<T>(int m, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var a = Dense.ToMatrix(m, n, Dense.Random<T>(m, n, m + n));
        var (values, _, _) = SingularValues.Thin(a);
        Dense.Distance<T, T>(SingularValues.Of(a), values).Should().BeLessThan(
            4 * Math.Max(m, n) * Dense.Eps<T>() * double.CreateChecked(values[0]), "{0} x {1}", m, n);
    }

    private static void CheckNoise<T>(int m, int n, int rank)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // integers so small that the product is exact: its rank is the rank, in floating point too
        var random = new Random(rank);
        T[] left = Digits(m * rank), right = Digits(rank * n), a = new T[m * n];
        Blas.Gemm<T>(Transpose.No, Transpose.No, m, n, rank, T.One, left, m, right, rank, T.Zero, a, m);
        var values = SingularValues.Of(Dense.ToMatrix(m, n, a));
        var tolerance = m * Dense.Eps<T>() * double.CreateChecked(values[0]);
        values.Count(s => double.CreateChecked(s) > tolerance).Should().Be(rank);

        T[] Digits(int count) => [.. Enumerable.Range(0, count).Select(_ => T.CreateChecked(random.Next(-9, 10)))];
    }

    private static void CheckScales<T>(double[] scales)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int m = 80, n = 70;
        var a = Dense.Random<T>(m, n, 3);
        var expected = Compute(m, n, a);
        foreach (var scale in scales)
        {
            // of subnormal numbers the last place is larger
            var place = Math.Max(Dense.Eps<T>(), double.CreateChecked(T.Epsilon) / scale);
            var scaled = Compute(m, n, [.. a.Select(x => x * T.CreateChecked(scale))]);
            Dense.Distance<double, T>([.. scaled.Select(s => double.CreateChecked(s) / scale)], expected).Should().BeLessThan(
                4 * m * place * double.CreateChecked(expected[0]), "scale {0}", scale);
        }
    }

    private static T[] Compute<T>(int m, int n, T[] a, Kernels<T>? kernels = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var values = new T[Math.Min(m, n)];
        var copy = (T[])a.Clone();
        fixed (T* pa = copy, pv = values)
        {
            TwoStageSingularValues.Compute(kernels ?? Kernels<T>.Current, m, n, pa, m, pv).Should().Be(0);
        }

        return values;
    }
}
