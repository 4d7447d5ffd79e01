using MathNet.Numerics.LinearAlgebra;
using StableRank.Kernels;
using StableRank.Networks;

namespace StableRank.Tests.Kernels;

/// <summary>
/// Means over networks of the products of outputs, and of the 'ntk' tangent kernels from gradients of single samples, of one model and two
/// inputs: sums over every parameter, nothing structured.
/// </summary>
internal sealed class EmpiricalMeans
{
    /// <summary>Wide enough that the bias, of relative order 1/width, is below the standard errors of some hundred networks.</summary>
    public const int Width = 64;

    /// <summary>Standard errors; six numbers a model.</summary>
    public const double Bound = 4.5;

    private const int Replicates = 200;
    private static readonly (int, int)[] Pairs = [(0, 0), (0, 1), (1, 1)];
    private readonly Matrix<double> _inputs;
    private readonly double[][] _values;

    private EmpiricalMeans(Model model, Matrix<double> inputs, double[][] values) => (Model, _inputs, _values) = (model, inputs, values);

    public Model Model { get; }

    public static EmpiricalMeans Of(Model model, ulong seed)
    {
        var inputs = new RandomModels(seed).Inputs(model.InputSize, 2);
        var values = Enumerable.Range(0, Replicates).Select(i => One(model, model.Sample<double>(seed, (ulong)i), inputs)).ToArray();
        return new EmpiricalMeans(model, inputs, values);
    }

    /// <summary>(mean - limit)/standard error: NNGP, then NTK, of each pair.</summary>
    public double[] Deviations(LimitKernel kernel)
    {
        var limit = kernel.Compute(_inputs);
        var expected = Pairs.Select(p => limit.Nngp[p.Item1, p.Item2]).Concat(Pairs.Select(p => limit.Ntk[p.Item1, p.Item2])).ToArray();
        return
        [
            .. expected.Select((value, k) =>
            {
                var mean = _values.Average(v => v[k]);
                var variance = _values.Sum(v => (v[k] - mean) * (v[k] - mean)) / (Replicates - 1);
                return (mean - value) / Math.Sqrt(variance / Replicates);
            }),
        ];
    }

    private static double[] One(Model model, Network<double> network, Matrix<double> inputs)
    {
        var outputs = network.Forward(inputs).Outputs;
        // of a model that ends in a convolution, all positions of channel 0
        var chosen = model.Layers[^1] is ConvolutionSpecification last ? last.Shape.Positions : 1;
        var gradients = Enumerable.Range(0, 2).Select(i => Enumerable.Range(0, chosen)
            .Select(o => Gradients(model, network, inputs.SubMatrix(0, inputs.RowCount, i, 1), o)).ToArray()).ToArray();
        return
        [
            .. Pairs.Select(p => outputs.Column(p.Item1) * outputs.Column(p.Item2) / outputs.RowCount),
            .. Pairs.Select(p => gradients[p.Item1].Zip(gradients[p.Item2], (g, other) => g * other).Average()),
        ];
    }

    /// <summary>The gradient of an output by all parameters, each times the root of its multiplier.</summary>
    private static Vector<double> Gradients(Model model, Network<double> network, Matrix<double> input, int output)
    {
        var pass = network.Forward(input);
        var one = Matrix<double>.Build.Dense(network.OutputSize, 1);
        one[output, 0] = 1;
        network.Backward(pass, one);
        var all = new List<double>();
        for (var l = 0; l < model.Depth; l++)
        {
            foreach (var parameter in network.Layers[l].Parameters)
            {
                var specification = model.Layers[l];
                var multiplier = parameter.Name switch
                {
                    "weight_hh" => ((ElmanSpecification)specification).RecurrentWeights.Moments.Gain / parameter.Columns,
                    "bias" or "bias_ih" => specification.BiasVariance,
                    _ => specification.Weights.Moments.Gain / parameter.Columns,
                };
                all.AddRange(parameter.Gradient.Select(g => g * Math.Sqrt(multiplier)));
            }
        }

        return Vector<double>.Build.DenseOfEnumerable(all);
    }
}
