using StableRank.Ensembles;
using StableRank.Kernels;
using StableRank.Networks;
using StableRank.Spectra;
using StableRank.Tests.Networks;

namespace StableRank.Tests.Kernels;

public sealed class ParameterMultipliersTests
{
    [Fact]
    public void Ntk_OfAModelOfFixedFrobeniusNorms_IsWhatItsNetworksMeasure()
    {
        // spectra of stable rank r: ||W||_F^2/(m n) = g/n to the last digits, in every draw
        var layers = new LayerSpecification[]
        {
            new ElmanSpecification(
                3, Ensemble.StableRank(6, 4, 2.5, SpectralFamily.PowerLaw), Ensemble.StableRank(6, 6, 3.5, SpectralFamily.Linear),
                Activation.Tanh),
            new DenseSpecification(Ensemble.StableRank(5, 18, 2, SpectralFamily.PowerLaw), Activation.Linear),
        };
        var model = new Model(layers);
        var expected = ParameterMultipliers.Ntk(model).Values;
        var measured = ParameterMultipliers.Ntk(model.Sample<double>(3)).Values;
        measured.Should().HaveCount(3);
        measured.Zip(expected, (a, b) => Math.Abs(a / b - 1)).Max().Should().BeLessThan(1e-12);
    }

    [Fact]
    public void Ntk_OfGaussianWeightsAndBiases_AreTheirVariances()
    {
        var model = Model.Dense([30, 50, 10], Activation.ReLU, (_, m, n) => Ensemble.Gaussian(m, n, 2.0 / n), biasVariance: 0.25);
        ParameterMultipliers.Ntk(model).Values.Should().HaveCount(4);
        var values = ParameterMultipliers.Ntk(model).Values;
        values[0].Should().BeApproximately(2.0 / 30, 1e-15);
        values[1].Should().Be(0.25);
        values[2].Should().BeApproximately(2.0 / 50, 1e-15);

        // mean squares of 1500 Gaussian entries: a standard error of sqrt(2/1500) of the variance; of 50 biases sqrt(2/50)
        var network = model.Sample<float>(1);
        var measured = ParameterMultipliers.Ntk(network).Values;
        (measured[0] / values[0]).Should().BeApproximately(1, 5 * Math.Sqrt(2.0 / 1500));
        (measured[1] / values[1]).Should().BeApproximately(1, 5 * Math.Sqrt(2.0 / 50));
        ParameterMultipliers.Standard(network).Values.Should().Equal(1, 1, 1, 1);
    }

    [Fact]
    public void Ntk_OfAModel_IsTheKernelUnderItsOwnParameters()
    {
        // f under W = sqrt(eta) omega: the kernel of omega with multipliers 1, by central differences in omega
        var case_ = KernelCases.Draw("dense", 3);
        var model = Model.Dense([3, 6, 2], Activation.Tanh, (_, m, n) => Ensemble.Gaussian(m, n, 1.7 / n), biasVariance: 0.3);
        var network = model.Sample<double>(9);
        var x = case_.Random.Matrix(3, 4);
        var etas = KernelCases.Etas(network, ParameterMultipliers.Ntk(model));
        var jacobian = KernelCases.Jacobian(network, x);
        for (var p = 0; p < etas.Count; p++)
        {
            jacobian.SetColumn(p, jacobian.Column(p) * Math.Sqrt(p switch { < 18 => 1.7 / 3, < 24 => 0.3, < 36 => 1.7 / 6, _ => 0.3 }));
        }

        KernelCases.Error(
                new EmpiricalKernel<double>(network, ParameterMultipliers.Ntk(model)).Ntk(x).Kernel, jacobian * jacobian.Transpose())
            .Should().BeLessThan(1e-7);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-1)]
    [InlineData(double.PositiveInfinity)]
    public void Constructor_OfABadMultiplier_NamesIt(double bad)
    {
        var act = () => new ParameterMultipliers([1, bad]);
        act.Should().Throw<ArgumentException>().WithMessage("Multiplier 1 is *");
    }

    [Fact]
    public void Constructor_OfNone_Throws()
    {
        var act = () => new ParameterMultipliers([]);
        act.Should().Throw<ArgumentException>();
    }

    [Fact]
    public void EmpiricalKernel_OfTooFewMultipliers_NamesBothNumbers()
    {
        var network = new Network<double>([new RandomNetworks(1).Dense(2, 2, Activation.ReLU), new RandomNetworks(2).Dense(2, 1)]);
        var act = () => new EmpiricalKernel<double>(network, new ParameterMultipliers([1]));
        act.Should().Throw<ArgumentException>().WithMessage($"*1 multipliers*{network.Parameters.Count} arrays*");
    }
}
