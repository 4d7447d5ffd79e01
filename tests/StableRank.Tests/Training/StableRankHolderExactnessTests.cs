using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
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
            // a gradient of a batch of eight, with momentum
            RandomGradient(gradient, m, n, seed, t);
            var scale = step / Math.Sqrt(m * n) * Math.Sqrt(elements.Sum(x => double.CreateChecked(x * x))) / Math.Sqrt(8);
            for (var i = 0; i < gradient.Length; i++)
            {
                velocity[i] = 0.9 * velocity[i] + 0.4 * gradient[i];
                elements[i] += T.CreateChecked(scale * velocity[i]);
            }

            unheld = Math.Max(unheld, Math.Abs(StableRankOf(Wide(elements, m, n)) / r - 1));
            holder.Hold(elements);
            greatest = Math.Max(greatest, Math.Abs(StableRankOf(Wide(elements, m, n)) / r - 1));
        }

        unheld.Should().BeGreaterThan(10 * holder.Accuracy, "the steps leave what is asserted");
        return greatest / holder.Accuracy;
    }

    private static void RandomGradient(double[] gradient, int m, int n, ulong seed, int t)
    {
        const int batch = 8;
        double[] errors = new double[m * batch], inputs = new double[n * batch];
        new RandomStream(seed, layer: (ulong)t, purpose: 7).FillGaussian<double>(errors);
        new RandomStream(seed, layer: (ulong)t, purpose: 8).FillGaussian<double>(inputs);
        StableRank.LinearAlgebra.Blas.Gemm<double>(
            StableRank.LinearAlgebra.Transpose.No, StableRank.LinearAlgebra.Transpose.Yes, m, n, batch, 1, errors, m, inputs, n, 0, gradient, m);
    }

    private static Matrix<double> Wide<T>(T[] elements, int m, int n)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Matrix<double>.Build.Dense(m, n, Array.ConvertAll(elements, double.CreateChecked));
}
