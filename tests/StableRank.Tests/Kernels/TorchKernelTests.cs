using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Kernels;
using StableRank.Networks;
using StableRank.Tests.Support;

namespace StableRank.Tests.Kernels;

/// <summary>Empirical kernels against PyTorch's functorch: files that Fixtures/make_torch_kernels.py wrote.</summary>
public sealed class TorchKernelTests
{
    // what is asked for; both sides sum some hundred products of size about 1, which rounds to about 1e-14
    private const double Tolerance = 1e-10;

    [Theory]
    [InlineData("dense")]
    [InlineData("convolution")]
    public void Ntk_WithPyTorchsWeights_IsFunctorchs(string name)
    {
        var network = NetworkOf(name);
        NetworkWeights.Load(network, Fixture(name + "_weights.npz"));
        using var reference = Npz.Open(Fixture(name + ".npz"));
        var x = reference.ReadMatrix<double>("x").Transpose();
        var y = reference.ReadMatrix<double>("y").Transpose();
        var standard = new EmpiricalKernel<double>(network, ParameterMultipliers.Standard(network));
        var scaled = new EmpiricalKernel<double>(network, new ParameterMultipliers(reference.ReadMatrix<double>("etas").Column(0)));
        foreach (var route in new[] { KernelRoute.Structured, KernelRoute.Contraction })
        {
            KernelCases.Error(standard.Ntk(x, route: route).Kernel, reference.ReadMatrix<double>("xx")).Should().BeLessThan(Tolerance);
            KernelCases.Error(standard.Ntk(x, y, route: route).Kernel, reference.ReadMatrix<double>("xy")).Should().BeLessThan(Tolerance);
            KernelCases.Error(scaled.Ntk(x, route: route).Kernel, reference.ReadMatrix<double>("xx_etas")).Should().BeLessThan(Tolerance);
        }

        // one weight turned round is seen
        network.Parameters[0].Values[0] *= -1;
        KernelCases.Error(standard.Ntk(x).Kernel, reference.ReadMatrix<double>("xx")).Should().BeGreaterThan(1e3 * Tolerance);
    }

    private static Network<double> NetworkOf(string name) => name == "dense"
        ? new([Dense(5, 9, Activation.Tanh), Dense(9, 8, Activation.LeakyReLU(0.25), bias: false), Dense(8, 3, Activation.Linear)])
        : new(
        [
            new ConvolutionLayer<double>(
                new(2, new ConvolutionAxis(4, 3, 1, 1), new ConvolutionAxis(6, 2, 2)), Zeros(3, 12), Zero(3), Activation.Gelu),
            new ConvolutionLayer<double>(
                new(3, new ConvolutionAxis(4, 2), new ConvolutionAxis(3, 2)), Zeros(2, 12), Zero(2), Activation.Tanh),
            Dense(12, 3, Activation.Linear),
        ]);

    private static DenseLayer<double> Dense(int inputs, int outputs, Activation activation, bool bias = true) =>
        new(Zeros(outputs, inputs), bias ? Zero(outputs) : null, activation);

    private static Matrix<double> Zeros(int rows, int columns) => Matrix<double>.Build.Dense(rows, columns);

    private static Vector<double> Zero(int size) => Vector<double>.Build.Dense(size);

    private static string Fixture(string name) =>
        Path.Combine(Repository.Root, "tests", "StableRank.Tests", "Kernels", "Fixtures", name);
}
