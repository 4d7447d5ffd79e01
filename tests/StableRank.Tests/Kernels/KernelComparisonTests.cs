using MathNet.Numerics.LinearAlgebra;
using StableRank.Kernels;
using StableRank.Randomness;

namespace StableRank.Tests.Kernels;

public sealed class KernelComparisonTests
{
    [Fact]
    public void Distances_OfMultiplesAndShifts_AreKnown()
    {
        var k = Kernel(1);
        KernelComparison.RelativeDistance(k, k).Should().Be(0);
        KernelComparison.RelativeDistance(1.5 * k, k).Should().BeApproximately(0.5, 1e-14);
        KernelComparison.Alignment(3 * k, k).Should().BeApproximately(1, 1e-14);
        KernelComparison.Alignment(-k, k).Should().BeApproximately(-1, 1e-14);
        KernelComparison.CentredAlignment(k + 7, k).Should().BeApproximately(1, 1e-12);
        KernelComparison.Alignment(k + 7, k).Should().BeLessThan(0.9);
    }

    [Fact]
    public void CentredAlignment_AgainstItsDefinition_Agrees()
    {
        Matrix<double> a = Kernel(2), b = Kernel(3);
        var h = Matrix<double>.Build.DenseIdentity(6) - (1.0 / 6);
        Matrix<double> x = h * a * h, y = h * b * h;
        KernelComparison.CentredAlignment(a, b).Should()
            .BeApproximately(x.PointwiseMultiply(y).Enumerate().Sum() / x.FrobeniusNorm() / y.FrobeniusNorm(), 1e-13);
    }

    [Fact]
    public void TargetAlignment_AgainstItsDefinition_AgreesAndIsOneForTheIdealKernel()
    {
        var stream = new RandomStream(4);
        var numbers = new double[12];
        stream.FillGaussian<double>(numbers);
        var y = Matrix<double>.Build.Dense(2, 6, numbers);
        var k = Kernel(5);
        var expected = y.Row(0) * k * y.Row(0) + (y.Row(1) * k * y.Row(1));
        KernelComparison.TargetAlignment(k, y).Should()
            .BeApproximately(expected / Math.Pow(y.FrobeniusNorm(), 2) / k.FrobeniusNorm(), 1e-13);
        var one = y.SubMatrix(1, 1, 0, 6);
        KernelComparison.TargetAlignment(2 * one.TransposeThisAndMultiply(one), one).Should().BeApproximately(1, 1e-13);
    }

    [Fact]
    public void BadInput_IsNamedWithWhatWasExpected()
    {
        var k = Kernel(6);
        var cases = new (Action Action, string Message)[]
        {
            (() => KernelComparison.Alignment(k, k.SubMatrix(0, 5, 0, 6)), "*6 x 6*5 x 6*same shape*"),
            (() => KernelComparison.RelativeDistance(k, 0 * k), "*reference*zero*"),
            (() => KernelComparison.Alignment(k * double.NaN, k), "*kernel*NaN*"),
            (() => KernelComparison.TargetAlignment(k, Matrix<double>.Build.Dense(2, 5)), "*2 x 5*6 x 6*"),
        };
        foreach (var (action, message) in cases)
        {
            action.Should().Throw<ArgumentException>().WithMessage(message);
        }
    }

    private static Matrix<double> Kernel(ulong seed)
    {
        var numbers = new double[48];
        new RandomStream(seed).FillGaussian<double>(numbers);
        var features = Matrix<double>.Build.Dense(8, 6, numbers);
        return features.TransposeThisAndMultiply(features);
    }
}
