using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Training;
using static StableRank.Tests.Training.TestMatrices;

namespace StableRank.Tests.Training;

public sealed class TopSingularTripleTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 9)]
    [InlineData(9, 1)]
    [InlineData(40, 40)]
    [InlineData(150, 90)]
    [InlineData(90, 150)]
    public void Of_AnyMatrix_AgreesWithTheDecomposition(int m, int n)
    {
        for (var seed = 0UL; seed < 20; seed++)
        {
            var w = Gaussian<double>(m, n, seed);
            var top = TopSingularTriple.Of(w);
            var (values, u, _) = SingularValues.Thin(w);
            top.Converged.Should().BeTrue();
            top.Value.Should().BeApproximately(values[0], 8 * Math.Max(m, n) * Eps * values[0]);
            (w * top.Right - top.Value * top.Left).L2Norm().Should().BeLessThan(8 * n * Eps * values[0]);
            (w.TransposeThisAndMultiply(top.Left) - top.Value * top.Right).L2Norm()
                .Should().BeApproximately(top.Residual, 8 * m * Eps * values[0]);
            var gap = values.Length == 1 ? values[0] : values[0] - values[1];
            (1 - Math.Abs(u.Column(0) * top.Left)).Should().BeLessThan(Math.Pow(2 * top.Residual / gap, 2) + 8 * m * Eps);
        }
    }

    [Fact]
    public void Of_MultipleOrDeficientSpectra_Converges()
    {
        foreach (var values in (double[][])[[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [1, 0, 0, 0, 0], [1, 1 - 1e-9, 1 - 2e-9, 0.5, 0]])
        {
            var top = TopSingularTriple.Of(WithValues(9, 5, values, 7));
            top.Converged.Should().BeTrue();
            top.Value.Should().BeApproximately(1, 2.1e-9);
        }
    }

    [Fact]
    public void Of_WarmStart_TakesFewerSteps()
    {
        var w = Gaussian<double>(200, 200, 1);
        var cold = TopSingularTriple.Of(w);
        var warm = TopSingularTriple.Of(w + 1e-4 * Gaussian<double>(200, 200, 2), cold.Right);
        TopSingularTriple.Of(w, cold.Right).Iterations.Should().Be(0);
        warm.Iterations.Should().BeLessThan(cold.Iterations);
    }

    [Fact]
    public void Certificate_BoundOnEitherSideOfTheNorm_Decides()
    {
        for (var seed = 0UL; seed < 20; seed++)
        {
            const int m = 70, n = 50;
            var w = Gaussian<double>(m, n, seed);
            var s = SingularValues.Of(w);
            double[] gram = new double[n * n], work = new double[n * n];
            SpectralCertificate.Gram(w.AsColumnMajorArray(), m, n, gram);
            var slack = SpectralCertificate.Rounding(m, n);
            slack.Should().Be(8 * m * Eps);
            SpectralCertificate.NormIsBelow(gram, n, s[0] * s[0] * (1 + slack), work).Should().BeTrue();

            // planted: a triple that is not the top one, and a value above by a little
            SpectralCertificate.NormIsBelow(gram, n, s[0] * s[0] * (1 - slack), work).Should().BeFalse();
            SpectralCertificate.NormIsBelow(gram, n, s[1] * s[1], work).Should().BeFalse();
        }
    }

    [Fact]
    public void Of_WrongArguments_AreErrors()
    {
        var w = Gaussian<double>(4, 3, 1);
        FluentActions.Invoking(() => TopSingularTriple.Of(Matrix<double>.Build.Dense(2, 2))).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => TopSingularTriple.Of(w, Vector<double>.Build.Dense(4, 1))).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => TopSingularTriple.Of(w, Vector<double>.Build.Dense(3))).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => TopSingularTriple.Of(w, null, double.NaN)).Should().Throw<ArgumentOutOfRangeException>();
    }
}
