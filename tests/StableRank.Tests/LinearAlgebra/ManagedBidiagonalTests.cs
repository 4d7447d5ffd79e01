using StableRank.LinearAlgebra.Managed;

namespace StableRank.Tests.LinearAlgebra;

public sealed unsafe class ManagedBidiagonalTests
{
    [Fact]
    public void TryDiagonalise_TwoByTwo_GivesItsClosedForm()
    {
        // the values of [1 t; 0 1] are sqrt(1 + t^2/4) +- t/2: small t must not be taken for zero
        foreach (var t in (double[])[1e-15, 1e-14, 1e-13, 1e-10, 1e-5, 0.3, 1, 1e5])
        {
            double[] d = [1, 1], e = [t];
            ManagedBidiagonal.TryDiagonalise(d, e).Should().BeTrue();
            var larger = Math.Sqrt(1 + t * t / 4) + t / 2;
            Dense.Distance<double, double>(d, [larger, 1 / larger]).Should().BeLessThan(4 * Dense.Eps<double>() * larger, "t = {0}", t);
        }
    }

    [Fact]
    public void TryDiagonalise_ZerosAnywhereOnTheDiagonal_Converges()
    {
        for (var zeros = 0; zeros < 64; zeros++)
        {
            double[] d = [3, -2, 5, 1, 4, 2], e = [1, 2, -1, 1, 3];
            for (var i = 0; i < 6; i++)
            {
                d[i] = (zeros >> i & 1) == 1 ? 0 : d[i];
            }

            var squares = d.Concat(e).Sum(x => x * x);
            var product = d.Aggregate(1.0, (p, x) => p * Math.Abs(x));
            ManagedBidiagonal.TryDiagonalise(d, e).Should().BeTrue();
            d.Sum(x => x * x).Should().BeApproximately(squares, 4 * 6 * Dense.Eps<double>() * squares);
            d.Aggregate(1.0, (p, x) => p * x).Should().BeApproximately(product, 6 * 6 * Dense.Eps<double>() * Math.Pow(d[0], 6));
        }
    }

    [Fact]
    public void TryDiagonalise_RepeatedValuesUnderRoundingNoise_Converges()
    {
        // what the reduction leaves of an orthogonal matrix: sweeps must not chase their own rounding
        for (var seed = 0; seed < 200; seed++)
        {
            var n = 2 + seed % 40;
            foreach (var level in (double[])[0.5, 2, 4, 8, 20, 200])
            {
                double[] noise = Dense.Random<double>(2, n, seed), d = [.. noise[..n].Select(x => 1 + level * Dense.Eps<double>() * x)];
                double[] e = [.. noise[(n + 1)..].Select(x => level * Dense.Eps<double>() * x)];
                ManagedBidiagonal.TryDiagonalise(d, e).Should().BeTrue("order {0}, noise of {1} eps", n, level);

                // a bidiagonal perturbation of norm at most 2 level eps, and 4 eps for each superdiagonal element that is dropped
                var ones = Enumerable.Repeat(1.0, n).ToArray();
                Dense.Distance<double, double>(d, ones).Should().BeLessThan((2 * level + 4 * n) * Dense.Eps<double>());
            }
        }
    }

    [Fact]
    public void Values_AnyNumberOfThreads_SameBits()
    {
        // past the order from which the reduction uses threads
        const int m = 330, n = 290;
        var expected = Values(1);
        foreach (var threads in (int[])[2, 3, 8])
        {
            Values(threads).Should().Equal(expected, "{0} threads", threads);
        }

        double[] Values(int threads)
        {
            double[] a = Dense.Random<double>(m, n, 1), values = new double[n];
            fixed (double* pa = a, pv = values)
            {
                ManagedSvd.Values(threads, m, n, pa, m, pv).Should().Be(0);
            }

            return values;
        }
    }
}
