using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Tests.Support;

namespace StableRank.Tests.Networks;

public sealed class NetworkWeightsTests
{
    [Theory]
    [InlineData("weights.npz")]
    [InlineData("weights.safetensors")]
    public void Load_OfWhatSaveWrote_GivesTheSameNetworkToTheLastBit(string name)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, name);
        var saved = Everything().Sample<double>(1);
        NetworkWeights.Save(saved, path);
        var loaded = Everything().Sample<double>(2);
        loaded.Parameters[0].Values.Should().NotEqual(saved.Parameters[0].Values);
        NetworkWeights.Load(loaded, path);
        foreach (var (mine, theirs) in loaded.Parameters.Zip(saved.Parameters))
        {
            mine.Values.Should().Equal(theirs.Values);
        }

        var single = Everything().Sample<float>(3);
        NetworkWeights.Load(single, path);
        single.Parameters[0].Values.Should().Equal(saved.Parameters[0].Values.Select(v => (float)v));
    }

    [Fact]
    public void Names_OfEveryKindOfLayer_AreThoseOfPyTorch()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "weights.npz");
        var network = Everything().Sample<float>(1);
        NetworkWeights.Save(network, path);
        using var npz = Npz.Open(path);
        string[] expected =
        [
            // Conv2d, ReLU, Conv2d, Flatten, Linear, Tanh, rnn of two layers, Linear
            "0.weight (4, 2, 3, 2)", "0.bias (4)", "2.weight (3, 4, 1, 1)", "4.weight (6, 36)", "4.bias (6)",
            "rnn.weight_ih_l0 (5, 3)", "rnn.weight_hh_l0 (5, 5)", "rnn.bias_ih_l0 (5)", "rnn.bias_hh_l0 (5)",
            "rnn.weight_ih_l1 (4, 5)", "rnn.weight_hh_l1 (4, 4)", "7.weight (3, 8)",
        ];
        npz.Names.Select(name => $"{name} ({string.Join(", ", npz.Describe(name).Shape)})").Should().Equal(expected);
        network.Parameters.Select(p => p.ToString()).Should().Equal(expected.Where(name => !name.Contains("bias_hh")));
    }

    [Fact]
    public void Load_OfTensorsThatDoNotFit_NamesThemAndChangesNothing()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "weights.npz");
        var network = Dense(5, 4).Sample<double>(1);
        var before = network.Parameters.Select(p => p.Values.ToArray()).ToArray();
        void Refused(Model other, string message)
        {
            NetworkWeights.Save(other.Sample<double>(2), path);
            var load = () => NetworkWeights.Load(network, path);
            load.Should().Throw<DataFormatException>().WithMessage(message);
            network.Parameters.Select(p => p.Values).Should().BeEquivalentTo(before, o => o.WithStrictOrdering());
        }

        Refused(Dense(5, 6), "*'0.weight'*(6, 5)*expected (4, 5)*");
        Refused(Model.Dense([5, 4], Activation.ReLU, He), "*no tensor '0.bias'*(4)*");
        Refused(Model.Dense([5, 4, 3], Activation.ReLU, He, 1), "*network has not*2.weight (3, 4)*");
        var infinite = Dense(5, 4).Sample<double>(1);
        infinite.Parameters[1].Values[2] = double.PositiveInfinity;
        NetworkWeights.Save(infinite, path);
        var finite = () => NetworkWeights.Load(network, path);
        finite.Should().Throw<DataFormatException>().WithMessage("*'0.bias'*not finite*");
        var ending = () => NetworkWeights.Save(network, Path.Combine(folder.Path, "weights.txt"));
        ending.Should().Throw<ArgumentException>().WithMessage("*.npz*");
    }

    [Fact]
    public void Load_OfPyTorchsTwoRecurrentBiases_AddsThem()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "weights.npz");
        Npz.Write(path, writer =>
        {
            writer.Add("rnn.weight_ih_l0", Matrix<double>.Build.Dense(1, 1, 2));
            writer.Add("rnn.weight_hh_l0", Matrix<double>.Build.Dense(1, 1, 3));
            writer.Add("rnn.bias_ih_l0", new NumericArray<double>([1], [4]));
            writer.Add("rnn.bias_hh_l0", new NumericArray<double>([1], [0.5]));
        });
        var specification = new ElmanSpecification(2, Ensemble.LeCun(1, 1), Ensemble.LeCun(1, 1), Activation.Linear, 1);
        var network = new Model([specification]).Sample<double>(1);
        NetworkWeights.Load(network, path);
        network.Parameters.Select(p => p.Values.Single()).Should().Equal(2, 3, 4.5);

        // h_1 = 2 x_1 + 4.5, h_2 = 2 x_2 + 3 h_1 + 4.5
        network.Forward(Matrix<double>.Build.Dense(2, 1, [1, 10])).Outputs.Enumerate().Should().Equal(6.5, 44);
    }

    private static Ensemble He(int layer, int rows, int columns) => Ensemble.He(rows, columns);

    private static Model Dense(int inputs, int outputs) => Model.Dense([inputs, outputs], Activation.ReLU, He, 1);

    private static Model Everything() => new(
    [
        new ConvolutionSpecification(
            new(2, new ConvolutionAxis(6, 3), new ConvolutionAxis(4, 2)), Ensemble.He(4, 12), Activation.ReLU, 1),
        new ConvolutionSpecification(new(4, new ConvolutionAxis(4, 1), new ConvolutionAxis(3, 1)), Ensemble.He(3, 4), Activation.Linear),
        new DenseSpecification(Ensemble.He(6, 36), Activation.Tanh, 1),
        new ElmanSpecification(2, Ensemble.Xavier(5, 3), Ensemble.Orthogonal(5, 5), Activation.Tanh, 1),
        new ElmanSpecification(2, Ensemble.Xavier(4, 5), Ensemble.StableRank(4, 4, 2), Activation.Tanh),
        new DenseSpecification(Ensemble.LeCun(3, 8), Activation.Linear),
    ]);
}
