using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Tests.Networks;

/// <summary>Every gradient of every layer and loss against central differences in double precision.</summary>
public sealed class GradientTests
{
    private const int Seeds = 20;

    public static TheoryData<string> Kinds => ["dense", "convolution", "recurrent", "mixed", "narrow", "pooled"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Backward_OfRandomNetworks_AgreesWithCentralDifferences(string kind)
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            var (network, inputs, loss, _) = Draw(kind, seed);
            GradientCheck.WorstError(Parts(network, inputs, loss), () => Value(network, inputs, loss))
                .Should().BeLessThan(GradientCheck.Tolerance, $"of {kind}, seed {seed}");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Check_OfAPlantedSignError_Fails(string kind)
    {
        var (network, inputs, loss, _) = Draw(kind, 1);
        var planted = 0;
        for (var wrong = 0; wrong <= network.Parameters.Count; wrong++)
        {
            var parts = Parts(network, inputs, loss).Select(part => (part.Values, Gradient: part.Gradient.ToArray())).ToArray();
            var gradient = parts[wrong].Gradient;
            if (gradient.All(g => g == 0))
            {
                continue;
            }

            planted++;
            var largest = Array.IndexOf(gradient, gradient.MaxBy(Math.Abs));
            gradient[largest] = -gradient[largest];
            GradientCheck.WorstError(parts, () => Value(network, inputs, loss)).Should().BeGreaterThan(GradientCheck.Tolerance);
        }

        planted.Should().BePositive();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Signals_OfADenseOrConvolutionLayer_AreGradientsAtThePreActivations(string kind)
    {
        // a bias moves all pre-activations of its row or channel alike: its gradient is the sum of their signals
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            var (network, inputs, loss, _) = Draw(kind, seed);
            Parts(network, inputs, loss);
            var back = network.Backward(network.Forward(inputs), OutputGradient(network, inputs, loss));
            for (var l = 0; l < network.Layers.Count; l++)
            {
                if (network.Layers[l].Parameters[^1] is not { IsWeight: false } bias)
                {
                    continue;
                }

                var signals = back.Signals[l];
                var sums = new double[bias.Rows];
                for (var i = 0; i < signals.RowCount; i++)
                {
                    var row = network.Layers[l] switch
                    {
                        ConvolutionLayer<double> convolution => i / convolution.Shape.Positions,
                        ElmanLayer<double> elman => i % elman.Width,
                        _ => i,
                    };
                    sums[row] += signals.Row(i).Sum();
                }

                var scale = signals.Enumerate().Sum(Math.Abs);
                sums.Zip(bias.Gradient, (a, b) => Math.Abs(a - b)).Max()
                    .Should().BeLessThanOrEqualTo(MachineEpsilon.Double * signals.RowCount * signals.ColumnCount * scale);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Backward_InSinglePrecision_IsThatInDoubleRounded(string kind)
    {
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            var (network, inputs, loss, _) = Draw(kind, seed);
            Parts(network, inputs, loss);
            var single = SinglePrecision.Of(network);
            var x = inputs.Map(v => (float)v);
            var pass = single.Forward(x);
            var g = new float[pass.Outputs.RowCount * pass.Outputs.ColumnCount];
            var labels = Labels(network, inputs);
            loss.Evaluate(pass.Outputs, labels, g);
            single.Backward(pass, g);
            foreach (var (exact, rounded) in network.Parameters.Zip(single.Parameters))
            {
                // roundings grow by the norms of at most five maps of at most some hundred terms each: 2^12 eps of the largest entry,
                // of which kinks are 20 steps of 1e-4 away and so not crossed
                var scale = Math.Max(exact.Gradient.Max(Math.Abs), 1e-2);
                exact.Gradient.Zip(rounded.Gradient, (a, b) => Math.Abs(a - b)).Max()
                    .Should().BeLessThan(4096 * MachineEpsilon.Single * scale, $"of {exact}, {kind}, seed {seed}");
            }
        }
    }

    private static (Network<double> Network, Matrix<double> Inputs, Loss Loss, int Batch) Draw(string kind, ulong seed)
    {
        for (ulong attempt = 0; ; attempt++)
        {
            var random = new RandomNetworks((seed * 1000) + attempt);
            var network = new Network<double>(Layers(kind, random));
            var batch = random.Integer(1, 4);
            var inputs = random.Matrix(network.InputSize, batch);
            if (!RandomNetworks.NearsKink(network, inputs))
            {
                return (network, inputs, network.OutputSize == 1 || random.Coin() ? Loss.SquaredError : Loss.SoftmaxCrossEntropy, batch);
            }
        }
    }

    private static Layer<double>[] Layers(string kind, RandomNetworks random)
    {
        switch (kind)
        {
            case "dense":
                int[] widths = [random.Integer(1, 6), random.Integer(1, 6), random.Integer(1, 6), random.Integer(2, 5)];
                return [.. Enumerable.Range(0, 3).Select(l => random.Dense(widths[l], widths[l + 1]))];
            case "narrow":
                return [random.Dense(1, 1), random.Convolution(new ConvolutionShape(1, random.Axis(1)), 1) is var c && c.OutputSize == 1
                    ? c : random.Dense(1, 1), random.Dense(1, 1)];
            case "convolution":
                var first = random.Convolution(random.Shape(), random.Integer(1, 3));
                return [first, random.Convolution(random.Shape(first), random.Integer(1, 3))];
            case "pooled":
                var below = random.Convolution(random.Shape(), random.Integer(1, 3));
                var pooled = random.Pooled(below.Shape.Positions, below.OutputChannels, 4);
                return random.Coin() ? [pooled, random.Dense(4, 2)] : [below, pooled, random.Dense(4, 2)];
            case "recurrent":
                int steps = random.Integer(1, 5), width = random.Integer(1, 4), upper = random.Integer(1, 3);
                return [random.Elman(steps, random.Integer(1, 3), width), random.Elman(steps, width, upper), random.Elman(steps, upper, 2)];
            default:
                var image = random.Convolution(random.Shape(), 2);
                var middle = random.Dense(image.OutputSize, 6);
                return [image, middle, random.Elman(3, 2, 3), random.Dense(9, 3)];
        }
    }

    private static int[] Labels(Network<double> network, Matrix<double> inputs) =>
        [.. Enumerable.Range(0, inputs.ColumnCount).Select(j => j % network.OutputSize)];

    private static double Value(Network<double> network, Matrix<double> inputs, Loss loss) =>
        loss.Evaluate<double>(network.Forward(inputs).Outputs, Labels(network, inputs), []);

    private static double[] OutputGradient(Network<double> network, Matrix<double> inputs, Loss loss)
    {
        var gradient = new double[network.OutputSize * inputs.ColumnCount];
        loss.Evaluate(network.Forward(inputs).Outputs, Labels(network, inputs), gradient);
        return gradient;
    }

    /// <summary>The parameters and the inputs with their gradients.</summary>
    private static List<(double[] Values, double[] Gradient)> Parts(Network<double> network, Matrix<double> inputs, Loss loss)
    {
        var back = network.Backward(
            network.Forward(inputs), OutputGradient(network, inputs, loss), new BackwardPass<double>(network, inputs.ColumnCount, true));
        return
        [
            .. network.Parameters.Select(p => (p.Values, p.Gradient)),
            (inputs.AsColumnMajorArray(), back.InputGradient!.AsColumnMajorArray()),
        ];
    }
}
