using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Randomness;

namespace StableRank.Tests.Networks;

public sealed class NetworkTests
{
    [Theory]
    [InlineData("relu", 0.0)]
    [InlineData("tanh", 0.3)]
    [InlineData("gelu", 0.3)]
    [InlineData("linear", 0.3)]
    public void Forward_OfABatch_EqualsSumsWrittenOut(string activation, double biasVariance)
    {
        ForwardEqualsSums<double>(activation, biasVariance, MachineEpsilon.Double);
        ForwardEqualsSums<float>(activation, biasVariance, MachineEpsilon.Single);
    }

    [Fact]
    public void Forward_OfAWrongNetwork_IsFarFromTheSums()
    {
        // the checker of the test above sees a single changed weight
        var network = Tiny("tanh", 0.3).Sample<double>(5);
        var x = Inputs<double>(network.InputSize, 3);
        var outputs = network.Forward(x).Outputs.Clone();
        network.Layers[0].Weights[1, 2] += 1e-6;
        (Sums(network, x)[^1] - outputs).L2Norm().Should().BeGreaterThan(1e-9);
    }

    [Fact]
    public void Forward_IntoAPassOfBefore_AllocatesNothing()
    {
        var network = Model.Dense([20, 33, 17, 9], Activation.Gelu, Stable, 0.1).Sample<double>(1);
        var x = Inputs<double>(20, 12);
        using var scope = Backend.SingleThreaded();
        var pass = network.Forward(x);
        network.Forward(x, pass);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
        {
            network.Forward(x, pass);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
        pass.Inputs.Should().BeSameAs(x);
    }

    [Fact]
    public void Forward_OfASparseMatrix_EqualsThatOfTheDenseOne()
    {
        var network = Tiny("relu", 0).Sample<double>(2);
        var x = Inputs<double>(network.InputSize, 3);
        network.Forward(Matrix<double>.Build.SparseOfMatrix(x)).Outputs.Should().Be(network.Forward(x).Outputs);
    }

    [Fact]
    public void Forward_OfOneSampleOrThreeTogether_IsTheSameToRounding()
    {
        var network = Tiny("sin", 0.2).Sample<double>(3);
        var x = Inputs<double>(network.InputSize, 3);
        var together = network.Forward(x).Outputs;
        for (var j = 0; j < 3; j++)
        {
            var alone = network.Forward(x.SubMatrix(0, x.RowCount, j, 1)).Outputs;
            (alone.Column(0) - together.Column(j)).L2Norm().Should().BeLessThan(MachineEpsilon.Double * 64);
        }
    }

    [Fact]
    public void Guards_OnBadBatches_NameBothSizesOrTheEntry()
    {
        var network = Tiny("relu", 0).Sample<double>(1);
        var width = () => network.Forward(Matrix<double>.Build.Dense(6, 2));
        width.Should().Throw<ArgumentException>().WithMessage("*6 x 2*5 features*");
        var x = Inputs<double>(5, 2);
        x[3, 1] = double.NaN;
        var finite = () => network.Forward(x);
        finite.Should().Throw<ArgumentException>().WithMessage("*NaN*row 3, column 1*");
        var pass = network.Forward(Inputs<double>(5, 2));
        var batch = () => network.Forward(Inputs<double>(5, 3), pass);
        batch.Should().Throw<ArgumentException>().WithMessage("*3 samples*2*");
        var other = Model.Dense([5, 8, 4], Activation.ReLU, Stable).Sample<double>(1);
        var shape = () => other.Forward(Inputs<double>(5, 2), pass);
        shape.Should().Throw<ArgumentException>().WithMessage("*pass to reuse*");
        var linear = Tiny("linear", 0).Sample<double>(1).Forward(Inputs<double>(5, 2));
        var aliased = () => network.Forward(Inputs<double>(5, 2), linear);
        aliased.Should().Throw<ArgumentException>().WithMessage("*relu*linear*");
    }

    [Fact]
    public void Constructors_OnBadParts_NameThem()
    {
        var w = Matrix<double>.Build.Dense(3, 2, 1.0);
        var bias = () => new DenseLayer<double>(w, Vector<double>.Build.Dense(2), Activation.ReLU);
        bias.Should().Throw<ArgumentException>().WithMessage("*2 entries*3 rows*");
        var infinite = Vector<double>.Build.Dense([0, double.PositiveInfinity, 0]);
        var finite = () => new DenseLayer<double>(w, infinite, Activation.ReLU);
        finite.Should().Throw<ArgumentException>().WithMessage("*Entry 1*");
        var layer = new DenseLayer<double>(w, null, Activation.ReLU);
        var chain = () => new Network<double>([layer, layer]);
        chain.Should().Throw<ArgumentException>().WithMessage("*Layer 2 takes 2 inputs but layer 1 gives 3*");
        var none = () => new Network<double>([]);
        none.Should().Throw<ArgumentException>();
    }

    private static Ensemble Stable(int layer, int rows, int columns) => Ensemble.StableRank(rows, columns, 2);

    private static Model Tiny(string activation, double biasVariance) =>
        Model.Dense([5, 7, 4, 6], Activation.Parse(activation), Stable, biasVariance);

    private static Matrix<T> Inputs<T>(int rows, int columns)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var values = new T[rows * columns];
        new RandomStream(77).FillGaussian<T>(values);
        return Matrix<T>.Build.Dense(rows, columns, values);
    }

    private static void ForwardEqualsSums<T>(string activation, double biasVariance, double eps)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var network = Tiny(activation, biasVariance).Sample<T>(5);
        var x = Inputs<T>(network.InputSize, 3);
        var pass = network.Forward(x);
        var doubles = x.Map(v => double.CreateTruncating(v));
        var expected = Sums(network, doubles);
        for (var l = 0; l < network.Layers.Count; l++)
        {
            var actual = pass.PostActivations[l].Map(v => double.CreateTruncating(v));
            // 3 layers of at most 8 terms of size at most 4, slopes at most 1.2: far below 64 eps each
            (actual - expected[l]).Enumerate().Select(Math.Abs).Max().Should().BeLessThan(3 * 64 * eps);
        }

        pass.Outputs.Should().BeSameAs(pass.PostActivations[^1]);
        pass.PreActivations.Should().HaveCount(3);
    }

    /// <summary>The same network in double precision with the sums written out.</summary>
    private static List<Matrix<double>> Sums<T>(Network<T> network, Matrix<double> x)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var result = new List<Matrix<double>>();
        foreach (var layer in network.Layers)
        {
            var z = Matrix<double>.Build.Dense(layer.OutputSize, x.ColumnCount, (i, j) =>
            {
                var sum = layer.Bias is null ? 0 : double.CreateTruncating(layer.Bias[i]);
                for (var k = 0; k < layer.InputSize; k++)
                {
                    sum += double.CreateTruncating(layer.Weights[i, k]) * x[k, j];
                }

                var a = new double[1];
                layer.Activation.Apply<double>([sum], a);
                return a[0];
            });
            result.Add(z);
            x = z;
        }

        return result;
    }
}
