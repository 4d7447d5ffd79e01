using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Randomness;

namespace StableRank.Tests.Ensembles;

public sealed class OrthogonalEnsembleTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 5)]
    [InlineData(5, 1)]
    [InlineData(30, 30)]
    [InlineData(70, 40)]
    [InlineData(40, 70)]
    public void Sample_AnyShape_HasOrthonormalRowsOrColumns(int m, int n)
    {
        Matrix<double> w = Ensemble.Orthogonal(m, n, 2.5).Sample<double>(new RandomStream(3));
        Matrix<double> gram = m >= n ? w.TransposeThisAndMultiply(w) : w.TransposeAndMultiply(w);
        double error = (gram - (Matrix<double>.Build.DenseIdentity(Math.Min(m, n)) * 6.25)).Enumerate().Max(Math.Abs);
        error.Should().BeLessThan(6.25 * 1e-15 * Math.Max(m, n));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(double.NaN)]
    public void Orthogonal_NormThatIsNone_IsRefused(double norm)
    {
        Action make = () => Ensemble.Orthogonal(2, 2, norm);
        make.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*positive and finite*");
    }

    [Fact]
    public void Sample_ScaleBeyondThePrecision_IsRefused()
    {
        Action sample = () => Ensemble.Orthogonal(2, 2, 1e100).Sample<float>(new RandomStream(1));
        sample.Should().Throw<OverflowException>().WithMessage("*System.Single*");
    }
}
