using MathNet.Numerics.LinearAlgebra;
using StableRank.Kernels;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Tests.Networks;

namespace StableRank.Tests.Kernels;

/// <summary>Forward mode of every layer against central differences and against the backward pass, and what is made of it.</summary>
public sealed class LinearizedNetworkTests
{
    private const int Seeds = 20;

    public static TheoryData<string> Kinds => KernelCases.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Tangent_AlongARandomDirection_IsTheCentralDifference(string kind)
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            var (network, x, _, _, random) = KernelCases.Draw(kind, seed);
            var direction = Direction(network, random);
            var actual = network.Linearize().Tangent(x, direction);
            var expected = KernelCases.Jacobian(network, x) * Flat(direction);
            KernelCases.Error(Column(actual), expected.ToColumnMatrix()).Should().BeLessThan(1e-7, $"of {kind}, seed {seed}");

            // the check must see one parameter left out or turned round
            var wrong = direction.Select(d => d.Clone()).ToList();
            wrong[0] *= -1;
            if (KernelCases.Error((KernelCases.Jacobian(network, x) * Flat(wrong)).ToColumnMatrix(), expected.ToColumnMatrix()) > 1e-3)
            {
                KernelCases.Error(Column(network.Linearize().Tangent(x, wrong)), expected.ToColumnMatrix()).Should().BeGreaterThan(1e-7);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Gradient_AndTangent_AreAdjoint(string kind)
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            var (network, x, _, _, random) = KernelCases.Draw(kind, seed);
            var linear = network.Linearize();
            var direction = Direction(network, random);
            var v = random.Matrix(network.OutputSize, x.ColumnCount);
            var (tangent, gradient) = (linear.Tangent(x, direction), linear.Gradient(x, v));
            var left = Column(v).Column(0) * Column(tangent).Column(0);
            var right = Flat(gradient) * Flat(direction);

            // at most some hundred terms, each through at most some dozen roundings
            var scale = (v.FrobeniusNorm() * tangent.FrobeniusNorm()) + (Flat(gradient).L2Norm() * Flat(direction).L2Norm());
            Math.Abs(left - right).Should().BeLessThanOrEqualTo(1e3 * MachineEpsilon.Double * scale, $"of {kind}, seed {seed}");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Outputs_AtTheOrigin_AreTheNetworksWhateverBecomesOfIt(string kind)
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            var (network, x, _, _, random) = KernelCases.Draw(kind, seed);
            var (linear, outputs) = (network.Linearize(), network.Forward(x).Outputs.Clone());
            linear.Outputs(x, network).Should().Be(outputs);

            var direction = Direction(network, random);
            for (var p = 0; p < direction.Count; p++)
            {
                network.Parameters[p].Matrix.Add(direction[p], network.Parameters[p].Matrix);
            }

            var moved = linear.Outputs(x, network);
            (moved - (outputs + linear.Tangent(x, direction))).Enumerate().Max(Math.Abs)
                .Should().BeLessThanOrEqualTo(100 * MachineEpsilon.Double * (1 + moved.Enumerate().Max(Math.Abs)) * 10);
        }
    }

    [Fact]
    public void Outputs_OfOneLinearLayer_AreExactEverywhere()
    {
        var random = new RandomNetworks(3);
        var network = new Network<double>([random.Dense(6, 4, Activation.Linear)]);
        var (linear, x) = (network.Linearize(), random.Matrix(6, 7));
        foreach (var parameter in network.Parameters)
        {
            random.Matrix(parameter.Rows, parameter.Columns, 100).CopyTo(parameter.Matrix);
        }

        KernelCases.Error(linear.Outputs(x, network), network.Forward(x).Outputs).Should().BeLessThan(1e-14);
    }

    [Theory]
    [InlineData("dense")]
    [InlineData("convolution")]
    [InlineData("recurrent")]
    public void Outputs_AtADistance_ErrByItsSecondOrder(string kind)
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            var random = new RandomNetworks(seed);
            var network = new Network<double>(Smooth(kind, random));
            var (linear, x) = (network.Linearize(), random.Matrix(network.InputSize, 4));
            var direction = Direction(network, random);
            double ErrorAt(double step)
            {
                for (var p = 0; p < direction.Count; p++)
                {
                    network.Parameters[p].Matrix.Add(direction[p] * step, network.Parameters[p].Matrix);
                }

                var error = (network.Forward(x).Outputs - linear.Outputs(x, network)).FrobeniusNorm();
                for (var p = 0; p < direction.Count; p++)
                {
                    network.Parameters[p].Matrix.Subtract(direction[p] * step, network.Parameters[p].Matrix);
                }

                return error;
            }

            // log2 of the quotient at steps h and h/2 is 2 + O(h); terms of third order are h = 1e-4 times those of second
            Math.Log2(ErrorAt(1e-4) / ErrorAt(5e-5)).Should().BeApproximately(2, 0.01, $"of {kind}, seed {seed}");
        }
    }

    [Fact]
    public void Members_OnWrongShapes_NameThem()
    {
        var random = new RandomNetworks(4);
        var network = new Network<double>([random.Dense(3, 2)]);
        var other = new Network<double>([random.Dense(4, 2)]);
        var linear = network.Linearize();
        linear.Invoking(l => l.Outputs(random.Matrix(4, 1), network)).Should().Throw<ArgumentException>().WithMessage("*4 x 1*3 rows*");
        linear.Invoking(l => l.Gradient(random.Matrix(3, 2), random.Matrix(2, 1))).Should().Throw<ArgumentException>()
            .WithMessage("*2 x 1*2 x 2*");
        linear.Invoking(l => l.Tangent(random.Matrix(3, 1), [])).Should().Throw<ArgumentException>().WithMessage("*0 arrays*");
        if (other.Parameters.Count == network.Parameters.Count)
        {
            linear.Invoking(l => l.Outputs(random.Matrix(3, 1), other)).Should().Throw<ArgumentException>().WithMessage("*2 x 4*2 x 3*");
        }
    }

    private static List<Layer<double>> Smooth(string kind, RandomNetworks random)
    {
        Vector<double> Bias(int size) => Vector<double>.Build.Dense(random.Gaussians(size));
        var top = new DenseLayer<double>(random.Matrix(3, 12, 0.3), Bias(3), Activation.Sin);
        return kind switch
        {
            "convolution" =>
            [
                new ConvolutionLayer<double>(
                    new(2, new ConvolutionAxis(8, 3, stride: 2)), random.Matrix(4, 6, 0.4), Bias(4), Activation.Tanh),
                top,
            ],
            "recurrent" =>
            [
                new ElmanLayer<double>(4, random.Matrix(3, 2, 0.7), random.Matrix(3, 3, 0.6), Bias(3), Activation.Tanh), top,
            ],
            _ => [new DenseLayer<double>(random.Matrix(12, 5, 0.4), Bias(12), Activation.Gelu), top],
        };
    }

    private static List<Matrix<double>> Direction(Network<double> network, RandomNetworks random) =>
        [.. network.Parameters.Select(parameter => random.Matrix(parameter.Rows, parameter.Columns))];

    private static Vector<double> Flat(IEnumerable<Matrix<double>> matrices) =>
        Vector<double>.Build.DenseOfEnumerable(matrices.SelectMany(matrix => matrix.ToColumnMajorArray()));

    private static Matrix<double> Column(Matrix<double> matrix) =>
        Matrix<double>.Build.Dense(matrix.RowCount * matrix.ColumnCount, 1, matrix.ToColumnMajorArray());
}
