using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Tests.Networks;

public sealed class BackwardTests
{
    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    public void Step_AfterTheFirst_AllocatesNothing(int? truncation)
    {
        StepAllocatesNothing<double>(truncation);
        StepAllocatesNothing<float>(truncation);
    }

    [Fact]
    public void Backward_OfADenseNetwork_ExposesActivationsSignalsAndTheirProducts()
    {
        var network = Model.Dense([5, 4, 3], Activation.Tanh, (_, m, n) => Ensemble.He(m, n), 0.1).Sample<double>(1);
        var inputs = new RandomNetworks(1).Matrix(5, 6);
        var pass = network.Forward(inputs);
        var output = new RandomNetworks(2).Matrix(3, 6);
        var back = network.Backward(pass, output);
        back.Forward.Should().BeSameAs(pass);
        back.InputGradient.Should().BeNull();
        Matrix<double>[] below = [inputs, pass.PostActivations[0]];
        for (var l = 0; l < 2; l++)
        {
            var product = back.Signals[l] * below[l].Transpose();
            (network.Layers[l].Parameters[0].GradientMatrix - product).L2Norm().Should().BeLessThan(64 * MachineEpsilon.Double);
        }

        network.Backward(pass, output, back).Should().BeSameAs(back);
        network.Parameters.Select(p => p.Name).Should().Equal("0.weight", "0.bias", "2.weight", "2.bias");
        network.Parameters.Select(p => p.IsWeight).Should().Equal(true, false, true, false);
        network.Parameters[0].Values.Should().BeSameAs(network.Layers[0].Parameters[0].Values);
        network.Parameters[0].Gradient.Should().BeSameAs(network.Layers[0].Parameters[0].Gradient);
    }

    [Fact]
    public void Gradients_OfASecondBackwardPass_ReplaceThoseOfTheFirst()
    {
        var random = new RandomNetworks(7);
        var network = new Network<double>([random.Elman(1, 4, 8), random.Convolution(new(2, new ConvolutionAxis(4, 2)), 2)]);
        var pass = network.Forward(random.Matrix(4, 3));
        var output = random.Matrix(network.OutputSize, 3);
        var back = network.Backward(pass, output);
        var once = network.Parameters.Select(p => p.Gradient.ToArray()).ToArray();
        network.Backward(pass, output, back);
        network.Parameters.Select(p => p.Gradient).Should().BeEquivalentTo(once, options => options.WithStrictOrdering());
    }

    [Theory]
    [InlineData("linear")]
    [InlineData("relu")]
    [InlineData("leaky-relu:-0.4")]
    [InlineData("tanh")]
    [InlineData("erf")]
    [InlineData("gelu")]
    [InlineData("sin")]
    public void Backpropagate_OfAnActivation_IsTheProductWithItsDerivative(string name)
    {
        ProductWithDerivative<double>(name, MachineEpsilon.Double);
        ProductWithDerivative<float>(name, MachineEpsilon.Single);
    }

    [Fact]
    public void Guards_OnPassesOfOtherShapes_NameThem()
    {
        var network = Model.Dense([5, 4, 3], Activation.Tanh, (_, m, n) => Ensemble.He(m, n)).Sample<double>(1);
        var other = Model.Dense([5, 4, 3], Activation.Tanh, (_, m, n) => Ensemble.He(m, n)).Sample<double>(1);
        var pass = network.Forward(new RandomNetworks(1).Matrix(5, 2));
        var shape = () => network.Backward(pass, Matrix<double>.Build.Dense(3, 1));
        shape.Should().Throw<ArgumentException>().WithMessage("*3 x 1*expected 3 x 2*");
        var length = () => network.Backward(pass, new double[5]);
        length.Should().Throw<ArgumentException>().WithMessage("*5 entries*3 x 2 = 6*");
        var batch = () => network.Backward(pass, new double[6], new BackwardPass<double>(network, 3));
        batch.Should().Throw<ArgumentException>().WithMessage("*3 samples of this network*expected 2*");
        var foreign = () => network.Backward(pass, new double[6], new BackwardPass<double>(other, 2));
        foreign.Should().Throw<ArgumentException>().WithMessage("*another network*");
        var twice = () => new Network<double>([network.Layers[0], other.Layers[1], Square(3), Square(3)]);
        twice.Should().NotThrow();
        var square = Square(3);
        var same = () => new Network<double>([square, square]);
        same.Should().Throw<ArgumentException>().WithMessage("*Layer 2 is the very object of layer 1*");
    }

    private static DenseLayer<double> Square(int size) => new(Matrix<double>.Build.DenseIdentity(size), null, Activation.Tanh);

    private static void ProductWithDerivative<T>(string name, double eps)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var activation = Activation.Parse(name);
        T[] z = [.. Enumerable.Range(-400, 801).Select(i => T.CreateTruncating(i / 40.0))];
        var (a, g, slopes) = (new T[z.Length], new T[z.Length], new T[z.Length]);
        activation.Apply<T>(z, a);
        activation.Derivative<T>(z, slopes);
        Array.Fill(g, T.CreateTruncating(1.5));
        activation.Backpropagate<T>(z, a, g);
        for (var i = 0; i < z.Length; i++)
        {
            // slopes are at most 1.2 and right to a few ulps of 1; the factor is 1.5
            double.CreateTruncating(g[i]).Should().BeApproximately(1.5 * double.CreateTruncating(slopes[i]), 1.5 * 8 * eps, $"at {z[i]}");
        }
    }

    private static void StepAllocatesNothing<T>(int? truncation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var image = new ConvolutionShape(2, new ConvolutionAxis(6, 3, 1, 1), new ConvolutionAxis(5, 2, 2));
        var model = new Model(
        [
            new ConvolutionSpecification(image, Ensemble.He(4, 12), Activation.ReLU, 0.1),
            new DenseSpecification(Ensemble.He(12, 48), Activation.Gelu, 0.1),
            new ElmanSpecification(4, Ensemble.Xavier(5, 3), Ensemble.Orthogonal(5, 5), Activation.Tanh, 0.1, truncation),
            new DenseSpecification(Ensemble.LeCun(3, 20), Activation.Linear, 0.1),
        ]);
        var network = model.Sample<T>(3);
        var inputs = Matrix<T>.Build.Dense(60, 8, T.One);
        int[] labels = [0, 1, 2, 0, 1, 2, 0, 1];
        var gradient = new T[24];
        using var scope = Backend.SingleThreaded();
        var pass = network.Forward(inputs);
        var back = new BackwardPass<T>(network, 8, inputGradient: true);
        void Step()
        {
            network.Forward(inputs, pass);
            Loss.SoftmaxCrossEntropy.Evaluate(pass.Outputs, labels, gradient);
            network.Backward(pass, gradient, back);
        }

        Step();
        Step();

        // a step that allocated would do so in every round; a collection that another test causes empties the shared pool, which managed
        // products draw from, in some
        Enumerable.Range(0, 5).Min(_ => AllocatedBy(Step)).Should().Be(0);
    }

    private static long AllocatedBy(Action step)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
        {
            step();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
