using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Tests.Ensembles;

public sealed class ImplicitMatrixTests
{
    // Each reflector rounds a few times; W has spectral norm 1 and the vectors length about sqrt of their size.
    private static double Tolerance(int m, int n) => 2e-16 * 10 * (m + n);

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 6, 1)]
    [InlineData(6, 1, 1)]
    [InlineData(7, 7, 7)]
    [InlineData(12, 30, 3.5)]
    [InlineData(30, 12, 11.9)]
    [InlineData(200, 150, 40)]
    [InlineData(800, 790, 300)]
    public void Products_OfTheImplicitForm_EqualThoseOfTheSampledMatrix(int m, int n, double r)
    {
        foreach (SpectralFamily family in new[] { SpectralFamily.Flat, SpectralFamily.PowerLaw })
        {
            StableRankEnsemble ensemble = Ensemble.StableRank(m, n, r, family);
            Matrix<double> w = ensemble.Sample<double>(new RandomStream(13, 2));
            ImplicitMatrix<double> implicitly = ensemble.SampleImplicit<double>(new RandomStream(13, 2));
            (implicitly.Rows, implicitly.Columns, implicitly.Rank).Should().Be((m, n, ensemble.Spectrum!.Count(s => s > 0)));
            RequireClose(implicitly.ToMatrix(), w);

            RandomStream stream = new(14);
            Matrix<double> x = Ensemble.Gaussian(n, 9, 1.0).Sample<double>(stream);
            Matrix<double> z = Ensemble.Gaussian(m, 9, 1.0).Sample<double>(stream);
            RequireClose(implicitly.Multiply(x), w * x);
            RequireClose(implicitly.TransposeMultiply(z), w.TransposeThisAndMultiply(z));

            double[] y = Enumerable.Repeat(double.NaN, m).ToArray();
            implicitly.Multiply(x.Column(3).AsArray(), y);
            RequireClose(Matrix<double>.Build.Dense(m, 1, y), w * x.SubMatrix(0, n, 3, 1));
            double[] t = Enumerable.Repeat(double.NaN, n).ToArray();
            implicitly.TransposeMultiply(z.Column(5).AsArray(), t);
            RequireClose(Matrix<double>.Build.Dense(n, 1, t), w.TransposeThisAndMultiply(z.SubMatrix(0, m, 5, 1)));
        }

        void RequireClose(Matrix<double> actual, Matrix<double> expected) =>
            (actual - expected).Enumerate().Max(Math.Abs).Should().BeLessThan(Tolerance(m, n));
    }

    [Fact]
    public void Multiply_Single_AgreesWithTheMatrix()
    {
        StableRankEnsemble ensemble = Ensemble.StableRank(50, 80, 10.5, SpectralFamily.Spike);
        Matrix<float> w = ensemble.Sample<float>(new RandomStream(3));
        Matrix<float> x = Ensemble.Gaussian(80, 4, 1.0).Sample<float>(new RandomStream(4));
        Matrix<float> y = ensemble.SampleImplicit<float>(new RandomStream(3)).Multiply(x);
        (y - (w * x)).Enumerate().Max(Math.Abs).Should().BeLessThan(1.2e-7f * 10 * 130);
    }

    [Fact]
    public void Multiply_ManyThreadsOnOneMatrix_AllGetTheSame()
    {
        ImplicitMatrix<double> w = Ensemble.StableRank(60, 60, 20, SpectralFamily.Spike).SampleImplicit<double>(new RandomStream(1));
        Matrix<double> x = Ensemble.Gaussian(60, 40, 1.0).Sample<double>(new RandomStream(2));
        double[] expected = w.Multiply(x).ToColumnMajorArray();
        double[] first = new double[60];
        w.Multiply(x.Column(0).AsArray(), first);
        Parallel.For(0, 64, i =>
        {
            double[] y = new double[60];
            w.Multiply(x.Column(0).AsArray(), y);
            y.Should().Equal(first);
            w.Multiply(x).ToColumnMajorArray().Should().Equal(expected);
        });
    }

    [Fact]
    public void Multiply_InPlace_IsAllowed()
    {
        ImplicitMatrix<double> w = Ensemble.StableRank(20, 20, 5).SampleImplicit<double>(new RandomStream(1));
        double[] x = Enumerable.Range(0, 20).Select(i => Math.Sin(i)).ToArray();
        double[] y = new double[20];
        w.Multiply(x, y);
        w.Multiply(x, x);
        x.Should().Equal(y);
    }

    [Fact]
    public void Multiply_WrongLength_NamesBoth()
    {
        ImplicitMatrix<double> w = Ensemble.StableRank(3, 5, 2).SampleImplicit<double>(new RandomStream(1));
        Action x = () => w.Multiply(new double[3], new double[3]);
        Action y = () => w.Multiply(new double[5], new double[5]);
        Action block = () => w.Multiply(Matrix<double>.Build.Dense(3, 2));
        x.Should().Throw<ArgumentException>().WithMessage("*x has 3 elements; expected 5*");
        y.Should().Throw<ArgumentException>().WithMessage("*y has 5 elements; expected 3*");
        block.Should().Throw<ArgumentException>().WithMessage("*expected 5*");
    }
}
