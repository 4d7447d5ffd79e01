using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Expressivity;
using StableRank.Networks;
using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Tests.Expressivity;

public sealed class JacobianSpectrumTests
{
    // products of a few matrices of some ten rows, norms of a few units
    private const double Rounding = 1e-12;

    // central differences of step 1e-5: third derivative times 1e-10, rounding 1e-11
    private const double Difference = 1e-8;

    [Theory]
    [InlineData("tanh", 4, 9, 7, 6)]
    [InlineData("gelu", 9, 6, 7, 3)]
    [InlineData("leaky-relu:0.3", 5, 5, 5, 5)]
    [InlineData("sin", 3, 8, 1, 7)]
    public void Of_ANetworkWithBiases_HasTheSingularValuesOfFiniteDifferences(string activation, params int[] widths)
    {
        var network = Model.Dense(
                widths, Activation.Parse(activation), (_, m, n) => Ensemble.Gaussian(m, n, 2.0 / n), 0.3, linearOutput: true)
            .Sample<double>(4);
        var inputs = Inputs(widths[0], 3);

        var spectra = JacobianSpectrum.Of(network, inputs);

        for (var j = 0; j < 3; j++)
        {
            var jacobian = Matrix<double>.Build.Dense(widths[^1], widths[0]);
            for (var i = 0; i < widths[0]; i++)
            {
                const double step = 1e-5;
                var (up, down) = (inputs.Column(j).ToColumnMatrix(), inputs.Column(j).ToColumnMatrix());
                up[i, 0] += step;
                down[i, 0] -= step;
                jacobian.SetColumn(i, ((network.Forward(up).Outputs - network.Forward(down).Outputs) / (2 * step)).Column(0));
            }

            var expected = Spectrum.Of(jacobian);
            spectra[j].Input.Should().Be(j);
            (spectra[j].Rows, spectra[j].Columns).Should().Be((widths[^1], widths[0]));
            spectra[j].Spectrum.Should().Equal(expected, (a, b) => Math.Abs(a - b) < Difference);
            spectra[j].StableRank.Should().BeApproximately(expected.StableRank, 10 * Difference);
            spectra[j].LocalDimension.Should().Be(Math.Min(widths.Min(), widths[0]));
        }
    }

    [Fact]
    public void Of_SinglePrecision_IsThatOfDoubleToItsRounding()
    {
        var model = Model.Dense([12, 20, 9], Activation.Erf, (_, m, n) => Ensemble.StableRank(m, n, 4, SpectralFamily.PowerLaw));
        var inputs = Inputs(12, 2);
        var exact = JacobianSpectrum.Of(model.Sample<double>(7), inputs);
        var single = JacobianSpectrum.Of(model.Sample<float>(7), inputs.Map(x => (float)x));
        for (var j = 0; j < 2; j++)
        {
            single[j].Precision.Should().Be(FloatingPrecision.Single);
            single[j].Spectrum.Should().Equal(exact[j].Spectrum, (a, b) => Math.Abs(a - b) < 1e-5 * exact[j].Spectrum.SpectralNorm);
        }
    }

    [Fact]
    public void Measures_OfOrthogonalLinearLayers_AreThoseOfAnIsometry()
    {
        var isometry = JacobianSpectrum.Of(Chain(6, [16, 16, 16, 16], 1), Inputs(16, 1))[0];
        isometry.DistanceFromIsometry.Should().BeLessThan(Rounding);
        isometry.LogVariance.Should().BeLessThan(Rounding);
        isometry.ConditionNumber.Should().BeApproximately(1, Rounding);
        isometry.StableRank.Should().BeApproximately(16, 16 * Rounding);
        isometry.LocalDimension.Should().Be(16);

        var bottleneck = JacobianSpectrum.Of(Chain(6, [16, 5, 16], 1), Inputs(16, 1))[0];
        bottleneck.LocalDimension.Should().Be(5);
        bottleneck.ConditionNumber.Should().Be(double.PositiveInfinity);
        bottleneck.ConditionOnImage.Should().BeApproximately(1, Rounding);
        bottleneck.DistanceFromIsometry.Should().BeApproximately(1, Rounding);
        bottleneck.DimensionAt(2).Should().Be(0);
    }

    [Fact]
    public void LogVariance_OfTwoValues_IsTheSquareOfHalfTheirLogRatio()
    {
        var spectrum = new JacobianSpectrum(0, 2, 2, Spectrum.FromSingularValues(Math.E * Math.E, 1), FloatingPrecision.Double);
        spectrum.LogVariance.Should().BeApproximately(1, Rounding);
        spectrum.ConditionNumber.Should().BeApproximately(Math.E * Math.E, Rounding * 10);
    }

    [Fact]
    public void Of_FourHundredContractingLayersInSinglePrecision_KeepsItsScale()
    {
        var spectrum = JacobianSpectrum.Of(
            Model.Dense([.. Enumerable.Repeat(4, 401)], Activation.Linear, (_, m, n) => Ensemble.Orthogonal(m, n, 0.5)).Sample<float>(1),
            Inputs(4, 1).Map(x => (float)x))[0];
        // float would end at 1e-45; 400 products each round by some 1e-7
        Math.Log2(spectrum.Spectrum.SpectralNorm).Should().BeApproximately(-400, 1e-3);
        spectrum.LocalDimension.Should().Be(4);
    }

    [Fact]
    public void Of_ADeadNetwork_IsZeroAndHasNoRanks()
    {
        var layer = new DenseLayer<double>(Matrix<double>.Build.DenseIdentity(3), Vector<double>.Build.Dense(3, -100), Activation.ReLU);
        var spectrum = JacobianSpectrum.Of(new Network<double>([layer]), Inputs(3, 1))[0];
        spectrum.IsZero.Should().BeTrue();
        spectrum.StableRank.Should().BeNull();
        spectrum.ParticipationRank.Should().BeNull();
        spectrum.LocalDimension.Should().Be(0);
        spectrum.LogVariance.Should().Be(double.NaN);
        spectrum.ConditionNumber.Should().Be(double.NaN);
    }

    [Fact]
    public void Of_WhatDoesNotFit_SaysWhat()
    {
        var network = Chain(1, [4, 4], 1);
        FluentActions.Invoking(() => JacobianSpectrum.Of(network, Inputs(5, 2))).Should().Throw<ArgumentException>()
            .WithMessage("*5 x 2*4 rows*");
        var broken = Inputs(4, 1);
        broken[2, 0] = double.NaN;
        FluentActions.Invoking(() => JacobianSpectrum.Of(network, broken)).Should().Throw<ArgumentException>();
    }

    private static Network<double> Chain(ulong seed, int[] widths, double norm) =>
        Model.Dense(widths, Activation.Linear, (_, m, n) => Ensemble.Orthogonal(m, n, norm)).Sample<double>(seed);

    private static Matrix<double> Inputs(int rows, int count)
    {
        var values = new double[rows * count];
        new RandomStream(12).FillGaussian<double>(values);
        return Matrix<double>.Build.Dense(rows, count, values);
    }
}
