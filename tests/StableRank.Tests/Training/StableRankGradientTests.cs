using MathNet.Numerics.LinearAlgebra;
using StableRank.Training;
using static StableRank.Tests.Training.TestMatrices;

namespace StableRank.Tests.Training;

public sealed class StableRankGradientTests
{
    private const double Step = 1e-5;

    [Theory]
    [InlineData(1, 5)]
    [InlineData(5, 5)]
    [InlineData(6, 4)]
    [InlineData(4, 7)]
    public void Of_SimpleTopValue_AgreesWithCentralDifferences(int m, int n)
    {
        for (var seed = 0UL; seed < 20; seed++)
        {
            var w = SeparatedMatrix(m, n, seed);
            var gradient = StableRankGradient.Of(w);
            gradient.StableRank.Should().BeApproximately(StableRankOf(w), 64 * Eps * gradient.StableRank);
            Mismatch(w, gradient.Gradient).Should().BeLessThan(1e-7);

            // planted: the sign of the second term, and the factor of the first
            var top = TopSingularTriple.Of(w);
            var second = top.Left.OuterProduct(top.Right) * (2 * gradient.StableRank / top.Value);
            Mismatch(w, gradient.Gradient + 2 * second).Should().BeGreaterThan(1e-2);
            Mismatch(w, gradient.Gradient + w / (top.Value * top.Value)).Should().BeGreaterThan(1e-2);
        }
    }

    [Fact]
    public void Of_AnyMatrix_IsOrthogonalToIt()
    {
        for (var seed = 0UL; seed < 20; seed++)
        {
            var w = Gaussian<double>(30, 20, seed);
            var gradient = StableRankGradient.Of(w).Gradient;
            w.PointwiseMultiply(gradient).Enumerate().Sum().Should().BeApproximately(
                0, 30 * Eps * w.FrobeniusNorm() * gradient.FrobeniusNorm() * Math.Sqrt(20));
            Distance(StableRankGradient.Of(w * 4).Gradient * 4, gradient).Should().BeLessThan(1e-14 * gradient.FrobeniusNorm());
            var single = StableRankGradient.Of(w.Map(x => (float)x)).Gradient.Map(x => (double)x);
            Distance(single, gradient).Should().BeLessThan(2e-5 * gradient.FrobeniusNorm());
        }
    }

    [Fact]
    public void AddPenalty_AfterTheSameMatrix_IsTheGradientOfThePenalty()
    {
        for (var seed = 0UL; seed < 20; seed++)
        {
            var w = SeparatedMatrix(12, 9, seed);
            var holder = new StableRankHolder<double>(12, 9, StableRankRule.Penalty(0.3, 2.5));
            var elements = w.ToColumnMajorArray();
            var gradient = Gaussian<double>(12, 9, seed + 50).ToColumnMajorArray();
            var before = (double[])gradient.Clone();
            var value = holder.AddPenalty(elements, gradient, out var report);

            var rank = StableRankOf(w);
            value.Should().BeApproximately(0.3 * (rank - 2.5) * (rank - 2.5), 1e-12);
            report.StableRankBefore.Should().BeApproximately(rank, 1e-12);
            var expected = StableRankGradient.Of(w).Gradient * (0.6 * (rank - 2.5));
            var added = Matrix<double>.Build.Dense(12, 9, [.. gradient.Zip(before, (a, b) => a - b)]);
            Distance(added, expected).Should().BeLessThan(1e-12 * (1 + expected.FrobeniusNorm()));
        }
    }

    /// <summary>s_1 = 2 s_2 or so: the third derivative is then small enough for the step.</summary>
    private static Matrix<double> SeparatedMatrix(int m, int n, ulong seed)
    {
        var random = new Random((int)seed);
        return WithValues(m, n, [.. Enumerable.Range(0, Math.Min(m, n)).Select(i => i == 0 ? 2 : 0.2 + 0.8 * random.NextDouble())], seed);
    }

    /// <summary>The greatest difference to central differences: error Step^2 times third derivatives, and eps/Step.</summary>
    private static double Mismatch(Matrix<double> w, Matrix<double> gradient)
    {
        var largest = 0.0;
        for (var i = 0; i < w.RowCount; i++)
        {
            for (var j = 0; j < w.ColumnCount; j++)
            {
                Matrix<double> up = w.Clone(), down = w.Clone();
                up[i, j] += Step;
                down[i, j] -= Step;
                var difference = (StableRankOf(up) - StableRankOf(down)) / (2 * Step);
                largest = Math.Max(largest, Math.Abs(difference - gradient[i, j]));
            }
        }

        return largest;
    }
}
