using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.GradientRank;
using StableRank.Networks;
using StableRank.Tests.Support;

namespace StableRank.Tests.GradientRank;

/// <summary>
/// Singular values and ranks of weight gradients against PyTorch's autograd and NumPy: files that Fixtures/make_torch_gradients.py wrote.
/// </summary>
public sealed class TorchGradientRankTests
{
    // of each value above 1e-6 s_1; one below that is noise where the rank is short, and both noises are below 1e-13 s_1 at these sizes
    private const double Relative = 1e-9, Small = 1e-6, Noise = 1e-13;

    [Theory]
    [InlineData("dense", RankRoute.Automatic)]
    [InlineData("dense", RankRoute.Values)]
    [InlineData("dense", RankRoute.Factors)]
    [InlineData("elman", RankRoute.Automatic)]
    [InlineData("elman", RankRoute.Values)]
    [InlineData("elman", RankRoute.Factors)]
    [InlineData("convolution", RankRoute.Automatic)]
    [InlineData("convolution", RankRoute.Values)]
    [InlineData("convolution", RankRoute.Factors)]
    public void RanksAndSingularValues_OfWeightGradients_ArePyTorchs(string name, RankRoute route)
    {
        var network = NetworkOf(name);
        NetworkWeights.Load(network, Fixture(name + "_weights.npz"));
        using var reference = Npz.Open(Fixture(name + ".npz"));
        var measured = new GradientRankMeter<double>(route).Measure(Backward(network, reference, name == "elman"));

        measured.Should().HaveCount(reference.Names.Count(entry => entry.StartsWith("s_", StringComparison.Ordinal)));
        foreach (var rank in measured)
        {
            var expected = reference.ReadMatrix<double>("s_" + rank.Parameter).Enumerate().ToArray();
            rank.Spectrum.Count.Should().Be(expected.Length);
            for (var i = 0; i < expected.Length; i++)
            {
                var tolerance = expected[i] > Small * expected[0] ? Relative * expected[i] : Noise * expected[0];
                rank.Spectrum[i].Should().BeApproximately(expected[i], tolerance, "value {0} of {1}", i, rank.Parameter);
            }

            rank.NumericalRank().Should().Be((int)reference.ReadMatrix<double>("r_" + rank.Parameter)[0, 0], "of {0}", rank.Parameter);
            if (route != RankRoute.Automatic)
            {
                rank.Route.Should().Be(route);
            }
        }

        // 8 columns for a gradient of 16 x 24, 4 for 12 x 54 and for 8 x 8
        measured.Where(rank => rank.Parameter is "2.weight" or "rnn.weight_hh_l0").Should().OnlyContain(
            rank => rank.Route == (route == RankRoute.Automatic ? RankRoute.Factors : route));
    }

    [Fact]
    public void SingularValues_OfAnotherBatch_AreNotTheReferences()
    {
        var network = NetworkOf("dense");
        NetworkWeights.Load(network, Fixture("dense_weights.npz"));
        using var reference = Npz.Open(Fixture("dense.npz"));
        network.Layers[0].Weights[3, 5] += 1e-3;
        var rank = new GradientRankMeter<double>().Measure(Backward(network, reference, false))[0];
        var expected = reference.ReadMatrix<double>("s_0.weight")[0, 0];
        Math.Abs(rank.Spectrum[0] - expected).Should().BeGreaterThan(Relative * expected);
    }

    private static BackwardPass<double> Backward(Network<double> network, Npz reference, bool squared)
    {
        var pass = network.Forward(reference.ReadMatrix<double>("x").Transpose());
        var targets = reference.ReadMatrix<double>("targets");
        var gradient = new double[pass.Outputs.RowCount * pass.Outputs.ColumnCount];
        if (squared)
        {
            Loss.SquaredError.Evaluate(pass.Outputs, targets.Transpose(), gradient);
        }
        else
        {
            Loss.SoftmaxCrossEntropy.Evaluate(pass.Outputs, targets.Column(0).Select(label => (int)label).ToArray(), gradient);
        }

        return network.Backward(pass, gradient);
    }

    private static Network<double> NetworkOf(string name) => name switch
    {
        "dense" => new(
        [
            Dense(784, 24, Activation.ReLU), new DenseLayer<double>(Zeros(16, 24), null, Activation.Tanh), Dense(16, 10, Activation.Linear),
        ]),
        "elman" => new([Elman(5), Elman(8), Dense(24, 3, Activation.Linear)]),
        _ => new(
        [
            new ConvolutionLayer<double>(
                new(2, new ConvolutionAxis(5, 3, 2, 1), new ConvolutionAxis(6, 3, 2, 1)), Zeros(6, 18), Zero(6), Activation.Tanh),
            new ConvolutionLayer<double>(
                new(6, new ConvolutionAxis(3, 3), new ConvolutionAxis(3, 3)), Zeros(12, 54), Zero(12), Activation.ReLU),
            Dense(12, 3, Activation.Linear),
        ]),
    };

    private static DenseLayer<double> Dense(int inputs, int outputs, Activation activation) =>
        new(Zeros(outputs, inputs), Zero(outputs), activation);

    private static ElmanLayer<double> Elman(int inputs) => new(3, Zeros(8, inputs), Zeros(8, 8), Zero(8), Activation.Tanh);

    private static Matrix<double> Zeros(int rows, int columns) => Matrix<double>.Build.Dense(rows, columns);

    private static Vector<double> Zero(int size) => Vector<double>.Build.Dense(size);

    private static string Fixture(string name) =>
        Path.Combine(Repository.Root, "tests", "StableRank.Tests", "GradientRank", "Fixtures", name);
}
