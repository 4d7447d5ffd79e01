using MathNet.Numerics.LinearAlgebra;
using StableRank.Kernels;
using StableRank.Networks;
using StableRank.Tests.Networks;

namespace StableRank.Tests.Kernels;

/// <summary>A small random network with two sets of inputs, none of them near a kink, and random multipliers.</summary>
internal sealed record KernelCase(
    Network<double> Network, Matrix<double> Inputs, Matrix<double> Others, ParameterMultipliers Multipliers, RandomNetworks Random);

/// <summary>Cases to check kernels on, and kernels from Jacobians by central differences.</summary>
internal static class KernelCases
{
    public static TheoryData<string> Kinds => ["dense", "shallow", "scalar", "convolution", "recurrent", "mixed", "pooled"];

    public static KernelCase Draw(string kind, ulong seed)
    {
        for (ulong attempt = 0; ; attempt++)
        {
            var random = new RandomNetworks((seed * 1000) + attempt);
            var network = new Network<double>(Layers(kind, random));
            var inputs = random.Matrix(network.InputSize, random.Integer(1, 5));
            var others = random.Matrix(network.InputSize, random.Integer(1, 5));
            if (!RandomNetworks.NearsKink(network, inputs.Append(others)))
            {
                var multipliers = network.Parameters.Select(_ => random.Integer(1, 8) / 4.0);
                return new(network, inputs, others, new ParameterMultipliers(multipliers), random);
            }
        }
    }

    /// <summary>d f_o(x_i) / d theta_p by central differences of fourth order: row i O + o, parameters one array after the other.</summary>
    public static Matrix<double> Jacobian(Network<double> network, Matrix<double> inputs)
    {
        double[] Outputs() => network.Forward(inputs).Outputs.ToColumnMajorArray();
        var columns = new List<double[]>();
        foreach (var values in network.Parameters.Select(parameter => parameter.Values))
        {
            for (var i = 0; i < values.Length; i++)
            {
                var kept = values[i];
                double[] At(double step)
                {
                    values[i] = kept + step;
                    return Outputs();
                }

                const double h = GradientCheck.Step;
                var near = At(h).Zip(At(-h), (a, b) => a - b);
                var far = At(2 * h).Zip(At(-2 * h), (a, b) => a - b);
                columns.Add([.. near.Zip(far, (a, b) => ((8 * a) - b) / (12 * h))]);
                values[i] = kept;
            }
        }

        return Matrix<double>.Build.DenseOfColumnArrays(columns);
    }

    /// <summary>eta of every single parameter, in the order of <see cref="Jacobian"/>.</summary>
    public static Vector<double> Etas(Network<double> network, ParameterMultipliers multipliers) => Vector<double>.Build.DenseOfEnumerable(
        network.Parameters.SelectMany((parameter, p) => Enumerable.Repeat(multipliers.Values[p], parameter.Values.Length)));

    public static Matrix<double> Contract(Matrix<double> left, Vector<double> etas, Matrix<double> right) =>
        left * Matrix<double>.Build.DenseOfDiagonalVector(etas) * right.Transpose();

    /// <summary>Trace or diagonal of the blocks of a kernel.</summary>
    public static IReadOnlyList<Matrix<double>> Part(Matrix<double> blocks, int outputs, KernelOutput output)
    {
        Matrix<double> Of(Func<int, int, double> entry) =>
            Matrix<double>.Build.Dense(blocks.RowCount / outputs, blocks.ColumnCount / outputs, entry);
        double At(int i, int j, int o) => blocks[(i * outputs) + o, (j * outputs) + o];
        return output switch
        {
            KernelOutput.Blocks => [blocks],
            KernelOutput.Trace => [Of((i, j) => Enumerable.Range(0, outputs).Sum(o => At(i, j, o)) / outputs)],
            _ => [.. Enumerable.Range(0, outputs).Select(o => Of((i, j) => At(i, j, o)))],
        };
    }

    /// <summary>The largest difference of entries relative to the largest entry of what is expected; NaN where one is.</summary>
    public static double Error(Matrix<double> actual, Matrix<double> expected)
    {
        actual.RowCount.Should().Be(expected.RowCount);
        actual.ColumnCount.Should().Be(expected.ColumnCount);
        var differences = (actual - expected).Enumerate().Select(Math.Abs).ToArray();
        if (differences.Any(double.IsNaN))
        {
            return double.NaN;
        }

        // ReLUs that are all dead make a kernel of zeros, which is to be met exactly
        return differences.Max() == 0 ? 0 : differences.Max() / expected.Enumerate().Max(Math.Abs);
    }

    private static IEnumerable<Layer<double>> Layers(string kind, RandomNetworks random)
    {
        switch (kind)
        {
            case "shallow":
                return [random.Dense(random.Integer(1, 5), random.Integer(1, 4))];
            case "scalar":
                return Dense(random, 1);
            case "convolution":
                var first = random.Convolution(random.Shape(), random.Integer(1, 3));
                return [first, random.Convolution(random.Shape(first), random.Integer(1, 2))];
            case "recurrent":
                var (steps, width) = (random.Integer(1, 4), random.Integer(1, 3));
                return [random.Elman(steps, random.Integer(1, 3), width), random.Elman(steps, width, random.Integer(1, 2))];
            case "pooled":
                var image = random.Convolution(random.Shape(), random.Integer(1, 3));
                var pooled = random.Pooled(image.Shape.Positions, image.OutputChannels, 3);
                return [image, pooled, random.Dense(3, random.Integer(1, 3))];
            case "mixed":
                Layer<double> below = random.Coin()
                    ? random.Convolution(random.Shape(), random.Integer(1, 2))
                    : random.Elman(random.Integer(1, 4), random.Integer(1, 3), random.Integer(1, 3));
                var hidden = random.Integer(1, 4);
                return [below, random.Dense(below.OutputSize, hidden), random.Dense(hidden, random.Integer(1, 3))];
            default:
                return Dense(random, random.Integer(1, 4));
        }
    }

    private static List<Layer<double>> Dense(RandomNetworks random, int outputs)
    {
        var layers = new List<Layer<double>>();
        var width = random.Integer(1, 6);
        for (var l = random.Integer(1, 3); l > 0; l--)
        {
            var next = random.Integer(1, 6);
            layers.Add(random.Dense(width, next));
            width = next;
        }

        layers.Add(random.Dense(width, outputs));
        return layers;
    }
}
