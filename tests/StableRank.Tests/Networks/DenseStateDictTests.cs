using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Networks;
using StableRank.Tests.Support;

namespace StableRank.Tests.Networks;

public sealed class DenseStateDictTests
{
    [Theory]
    [InlineData("0", "2", "4")]
    [InlineData("1", "4", "10")]
    [InlineData("fc1", "fc2", "fc3")]
    [InlineData("fc1", "fc2", "fc10")]
    [InlineData("net.layers.9.linear", "net.layers.10.linear", "net.layers.11.linear")]
    [InlineData("blocks.0.1", "blocks.0.2", "blocks.1.0")]
    public void LoadDense_NamesAlikeButForNumbers_AreOrderedByThem(string first, string second, string third)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        var random = new RandomNetworks(7);
        Matrix<double>[] weights = [random.Matrix(4, 4), random.Matrix(4, 4), random.Matrix(4, 4)];
        var bias = random.Matrix(4, 1);
        var path = folder.File("net.npz");
        Npz.Write(path, writer =>
        {
            writer.Add(third + ".weight", weights[2]);
            writer.Add(first + ".weight", weights[0]);
            writer.Add(second + ".bias", new NumericArray<double>([4], bias.ToColumnMajorArray()));
            writer.Add(second + ".weight", weights[1]);
        });

        var network = NetworkWeights.LoadDense<double>(path, Activation.Tanh, Activation.Erf);

        var dense = network.Layers.Cast<DenseLayer<double>>().ToList();
        dense.Select(layer => layer.Parameters[0].Matrix).Should().Equal(weights);
        dense.Select(layer => layer.Parameters.Count).Should().Equal(1, 2, 1);
        dense[1].Parameters[1].Values.Should().Equal(bias.ToColumnMajorArray());
        dense.Select(layer => layer.Activation).Should().Equal(Activation.Tanh, Activation.Erf, Activation.Linear);
        NetworkWeights.LoadDense<float>(path, Activation.Sin).Layers.Select(layer => layer.Activation)
            .Should().Equal(Activation.Sin, Activation.Sin, Activation.Linear);
    }

    [Theory]
    [InlineData("0.weight 4x3;2.weight 2x5", "*'2.weight'*(2, 5)*'0.weight'*(4, 3)*expected (2, 4)*")]
    [InlineData("0.weight 4x3;0.bias 3", "*'0.bias'*(3)*'0.weight'*(4, 3)*expected (4)*")]
    [InlineData("0.weight 4x3;0.bias 4x1", "*'0.bias'*(4, 1)*expected (4)*")]
    [InlineData("0.weight 4x3;1.bias 4", "*1.bias (4)*no weights*")]
    [InlineData("0.weight 4x3;1.weight 4;2.weight 1x4", "*1.weight (4)*not of a dense layer*")]
    [InlineData("0.weight 4x3x1x1", "*0.weight (4, 3, 1, 1)*not of a dense layer*")]
    [InlineData("0.weight 4x3;1.running_mean 4", "*1.running_mean (4)*not of a dense layer*")]
    [InlineData("0.weight 0x3", "*0.weight (0, 3)*not of a dense layer*")]
    [InlineData("hidden.weight 4x3;out.weight 2x4", "*'hidden.weight'*'out.weight'*")]
    [InlineData("0.weight 4x3;1.weight 4x4;3.weight 1x4", "*no module between '0.weight' and '1.weight'*")]
    [InlineData("net.0.weight 4x3;net.2.weight 4x4;net.3.weight 1x4", "*no module between 'net.2.weight' and 'net.3.weight'*")]
    [InlineData("kernel 4x3", "*ends in .weight*0.weight*")]
    [InlineData("0.weight 4x3;99999999999.weight 2x4", "*99999999999.weight*beyond*")]
    public void LoadDense_TensorsThatDoNotFit_AreNamed(string tensors, string message)
    {
        using var folder = new TemporaryFolder(inMemory: true);
        var path = folder.File("net.npz");
        Npz.Write(path, writer =>
        {
            foreach (var words in tensors.Split(';').Select(tensor => tensor.Split(' ')))
            {
                int[] shape = [.. words[1].Split('x').Select(int.Parse)];
                writer.Add(words[0], new NumericArray<double>(shape, new double[shape.Aggregate(1, (a, b) => a * b)]));
            }
        });

        var load = () => NetworkWeights.LoadDense<double>(path, Activation.ReLU);

        load.Should().Throw<DataFormatException>().WithMessage(message).Which.File.Should().Be(path);
    }

    [Fact]
    public void LoadDense_ActivationsOrEntriesThatDoNotFit_AreRefused()
    {
        using var folder = new TemporaryFolder(inMemory: true);
        var path = folder.File("net.npz");
        var weights = Matrix<double>.Build.Dense(2, 2, 1.0);
        Npz.Write(path, writer =>
        {
            writer.Add("0.weight", weights);
            writer.Add("2.weight", weights);
        });
        var load = () => NetworkWeights.LoadDense<double>(path, Activation.ReLU, Activation.ReLU, Activation.ReLU);
        load.Should().Throw<ArgumentException>().WithMessage("*3 activations*one, or 1*");

        weights[1, 0] = double.NaN;
        Npz.Write(path, writer => writer.Add("0.weight", weights));
        var nan = () => NetworkWeights.LoadDense<double>(path, Activation.ReLU);
        nan.Should().Throw<DataFormatException>().WithMessage("*'0.weight'*not finite*");
    }
}
