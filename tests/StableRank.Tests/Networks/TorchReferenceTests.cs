using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Tests.Support;

namespace StableRank.Tests.Networks;

/// <summary>
/// Outputs, losses and gradients against PyTorch's autograd: files that Fixtures/make_torch_reference.py wrote. PyTorch's weights come in
/// through <see cref="NetworkWeights"/>.
/// </summary>
public sealed class TorchReferenceTests
{
    // sums of at most 30 terms of size about 1 through at most 5 maps, in another order than PyTorch's: 1e3 eps
    private const double Tolerance = 1e3 * MachineEpsilon.Double;

    public static TheoryData<string> Names => ["dense", "convolution1d", "convolution2d", "recurrent", "truncated"];

    [Theory]
    [MemberData(nameof(Names))]
    public void OutputsLossAndGradients_WithPyTorchsWeights_ArePyTorchs(string name)
    {
        var network = NetworkOf(name);
        NetworkWeights.Load(network, Fixture(name + "_weights.npz"));
        using var reference = Npz.Open(Fixture(name + ".npz"));
        var x = reference.ReadMatrix<double>("x").Transpose();
        var pass = network.Forward(x);
        Distance(pass.Outputs, reference.ReadMatrix<double>("outputs").Transpose()).Should().BeLessThan(Tolerance);

        var targets = reference.ReadMatrix<double>("targets");
        var gradient = new double[pass.Outputs.RowCount * pass.Outputs.ColumnCount];
        var loss = name is "recurrent" or "truncated"
            ? Loss.SquaredError.Evaluate(pass.Outputs, targets.Transpose(), gradient)
            : Loss.SoftmaxCrossEntropy.Evaluate(pass.Outputs, targets.Column(0).Select(label => (int)label).ToArray(), gradient);
        loss.Should().BeApproximately(reference.ReadMatrix<double>("loss")[0, 0], Tolerance * loss);

        var back = network.Backward(pass, gradient, new BackwardPass<double>(network, x.ColumnCount, inputGradient: true));
        Distance(back.InputGradient!, reference.ReadMatrix<double>("dx").Transpose()).Should().BeLessThan(Tolerance);
        reference.Names.Count(n => n.StartsWith("d_", StringComparison.Ordinal)).Should().BeGreaterThanOrEqualTo(network.Parameters.Count);
        foreach (var parameter in network.Parameters)
        {
            var expected = reference.ReadMatrix<double>("d_" + parameter.Name);
            Distance(parameter.GradientMatrix, expected).Should().BeLessThan(Tolerance, $"of {parameter}");
        }
    }

    [Fact]
    public void Gradients_WithoutTheTruncation_AreNotThoseOfTheTruncatedReference()
    {
        var network = new Network<double>([Elman(6, 2, 3, null)]);
        NetworkWeights.Load(network, Fixture("truncated_weights.npz"));
        using var reference = Npz.Open(Fixture("truncated.npz"));
        var pass = network.Forward(reference.ReadMatrix<double>("x").Transpose());
        var gradient = new double[pass.Outputs.RowCount * pass.Outputs.ColumnCount];
        Loss.SquaredError.Evaluate(pass.Outputs, reference.ReadMatrix<double>("targets").Transpose(), gradient);
        network.Backward(pass, gradient);
        Distance(network.Parameters[1].GradientMatrix, reference.ReadMatrix<double>("d_rnn.weight_hh_l0")).Should().BeGreaterThan(1e-4);
    }

    private static Network<double> NetworkOf(string name) => name switch
    {
        "dense" => new(
        [
            Dense(5, 7, Activation.ReLU), new DenseLayer<double>(Zeros(4, 7), null, Activation.Tanh), Dense(4, 3, Activation.Linear),
        ]),
        "convolution1d" => new(
        [
            new ConvolutionLayer<double>(new(2, new ConvolutionAxis(10, 3, 2, 1)), Zeros(3, 6), Zero(3), Activation.Tanh),
            new ConvolutionLayer<double>(new(3, new ConvolutionAxis(5, 2, dilation: 2)), Zeros(4, 6), null, Activation.ReLU),
            Dense(12, 3, Activation.Linear),
        ]),
        "convolution2d" => new(
        [
            new ConvolutionLayer<double>(
                new(2, new ConvolutionAxis(7, 3, 1, 1, 2), new ConvolutionAxis(11, 2, 3)), Zeros(3, 12), Zero(3), Activation.Gelu),
            new ConvolutionLayer<double>(
                new(3, new ConvolutionAxis(5, 2, 3), new ConvolutionAxis(4, 2, 3)), Zeros(2, 12), Zero(2), Activation.Linear),
            Dense(4, 3, Activation.Linear),
        ]),
        "recurrent" => new([Elman(5, 3, 4, null), Elman(5, 4, 4, null), Dense(20, 2, Activation.Linear)]),
        _ => new([Elman(6, 2, 3, 2)]),
    };

    private static DenseLayer<double> Dense(int inputs, int outputs, Activation activation) =>
        new(Zeros(outputs, inputs), Zero(outputs), activation);

    private static ElmanLayer<double> Elman(int steps, int inputs, int width, int? truncation) =>
        new(steps, Zeros(width, inputs), Zeros(width, width), Zero(width), Activation.Tanh, truncation);

    private static Matrix<double> Zeros(int rows, int columns) => Matrix<double>.Build.Dense(rows, columns);

    private static Vector<double> Zero(int size) => Vector<double>.Build.Dense(size);

    private static double Distance(Matrix<double> a, Matrix<double> b) => (a - b).Enumerate().Select(Math.Abs).Max();

    private static string Fixture(string name) =>
        Path.Combine(Repository.Root, "tests", "StableRank.Tests", "Networks", "Fixtures", name);
}
