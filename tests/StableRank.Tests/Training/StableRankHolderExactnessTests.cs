using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Randomness;
using StableRank.Spectra;
using StableRank.Tests.LinearAlgebra;
using StableRank.Training;
using static StableRank.Tests.Training.TestMatrices;

namespace StableRank.Tests.Training;

/// <summary>The promise of an exact hold, after every hold and not at the periodic proofs alone.</summary>
[Collection(BackendSwitching.Name)]
public sealed class StableRankHolderExactnessTests
{
    private const int Steps = 60;

    public static TheoryData<SpectralFamily, double, int> Starts()
    {
        var data = new TheoryData<SpectralFamily, double, int>();
        foreach (var columns in (int[])[64, 48])
        {
            data.Add(SpectralFamily.Flat, 1 / 2.0, columns);
            data.Add(SpectralFamily.Flat, 1 / 4.0, columns);
            data.Add(SpectralFamily.Flat, 1 / 8.0, columns);
            data.Add(SpectralFamily.Flat, 0.9, columns);
            data.Add(SpectralFamily.PowerLaw, 1 / 8.0, columns);
            data.Add(SpectralFamily.PowerLaw, 1 / 2.0, columns);
            data.Add(SpectralFamily.Spike, 1 / 4.0, columns);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public void Hold_ExactInSteps_IsWithinTheAccuracyAfterEveryOne(SpectralFamily family, double share, int columns)
    {
        foreach (var step in (double[])[3e-3, 3e-2])
        {
            GreatestError<double>(family, share, columns, step, 1).Should().BeLessThanOrEqualTo(1);
            GreatestError<float>(family, share, columns, step, 2).Should().BeLessThanOrEqualTo(1);
        }
    }

    [Fact]
    public void Hold_DirectionNewToTheBlock_IsExactAtOnce()
    {
        for (var seed = 0UL; seed < 20; seed++)
        {
            const int n = 48;
            var elements = WithValues(n, n, [.. SpectralFamily.PowerLaw.Draw(n, n, 12)], seed).ToColumnMajorArray();
            var holder = new StableRankHolder<double>(n, n, StableRankRule.Exact(12));
            holder.Hold(elements);
            var (_, u, vt) = SingularValuesOf(elements, n);

            // twice the norm along the least singular vectors, which the block knows nothing of
            var planted = Wide(elements, n, n);
            planted += 2 * planted.L2Norm() * u.Column(n - 1).OuterProduct(vt.Row(n - 1));
            elements = planted.ToColumnMajorArray();
            var report = holder.Hold(elements);
            report.IsRepaired.Should().BeTrue();
            StableRankOf(Wide(elements, n, n)).Should().BeApproximately(12, 12 * holder.Accuracy);
        }
    }

    [Fact]
    public void Hold_RestoredAtAnyStep_ContinuesToTheLastBitThroughFailedProofs()
    {
        const int n = 48;
        var start = Array.ConvertAll(
            WithValues(n, n, [.. SpectralFamily.Flat.Draw(n, n, n / 2.0)], 5).ToColumnMajorArray(), float.CreateChecked);
        var rule = StableRankRule.Exact(StableRankOf(Wide(start, n, n)));
        var first = new StableRankHolder<float>(n, n, rule);
        double[] gradient = new double[n * n], velocity = new double[n * n];
        for (var t = 0; t < Steps; t++)
        {
            var second = new StableRankHolder<float>(n, n, rule);
            first.State.Vectors.CopyTo(second.State.Vectors, 0);
            first.State.Counters.CopyTo(second.State.Counters, 0);
            Step(start, gradient, velocity, n, n, 3e-2, 5, t);
            var other = (float[])start.Clone();
            first.Hold(start).Should().Be(second.Hold(other));
            other.Should().Equal(start);
            second.State.Counters.Should().Equal(first.State.Counters);
        }

        first.RepairCount.Should().BePositive("the proofs have to fail for the counters to be tried");
    }

    /// <summary>The greatest |sr/r - 1| after a hold, by all singular values in double, over the accuracy that is promised.</summary>
    private static double GreatestError<T>(SpectralFamily family, double share, int n, double step, ulong seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int m = 64;
        var k = Math.Min(m, n);
        var elements = Array.ConvertAll(
            WithValues(m, n, [.. family.Draw(m, n, share * k)], seed).ToColumnMajorArray(), T.CreateChecked);
        var r = StableRankOf(Wide(elements, m, n));
        var holder = new StableRankHolder<T>(m, n, StableRankRule.Exact(r));
        double greatest = 0, unheld = 0;
        double[] gradient = new double[m * n], velocity = new double[m * n];
        for (var t = 0; t < Steps; t++)
        {
            Step(elements, gradient, velocity, m, n, step, seed, t);
            unheld = Math.Max(unheld, Math.Abs(StableRankOf(Wide(elements, m, n)) / r - 1));
            holder.Hold(elements);
            greatest = Math.Max(greatest, Math.Abs(StableRankOf(Wide(elements, m, n)) / r - 1));
        }

        unheld.Should().BeGreaterThan(10 * holder.Accuracy, "the steps leave what is asserted");
        return greatest / holder.Accuracy;
    }

    /// <summary>A step of some relative size along a gradient of a batch of eight, with momentum.</summary>
    private static void Step<T>(T[] elements, double[] gradient, double[] velocity, int m, int n, double size, ulong seed, int t)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int batch = 8;
        double[] errors = new double[m * batch], inputs = new double[n * batch];
        new RandomStream(seed, layer: (ulong)t, purpose: 7).FillGaussian<double>(errors);
        new RandomStream(seed, layer: (ulong)t, purpose: 8).FillGaussian<double>(inputs);
        Blas.Gemm<double>(Transpose.No, Transpose.Yes, m, n, batch, 1, errors, m, inputs, n, 0, gradient, m);
        var scale = size / Math.Sqrt(m * n * batch) * Math.Sqrt(elements.Sum(x => double.CreateChecked(x * x)));
        for (var i = 0; i < gradient.Length; i++)
        {
            velocity[i] = 0.9 * velocity[i] + 0.4 * gradient[i];
            elements[i] += T.CreateChecked(scale * velocity[i]);
        }
    }

    private static (double[] Values, Matrix<double> U, Matrix<double> Vt) SingularValuesOf(double[] elements, int n) =>
        SingularValues.Thin(Wide(elements, n, n));

    private static Matrix<double> Wide<T>(T[] elements, int m, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Matrix<double>.Build.Dense(m, n, Array.ConvertAll(elements, double.CreateChecked));
}
