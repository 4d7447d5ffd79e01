// Kernels: the tangent kernel of one network, its mean over networks, its limit, and each layer's stable rank as a linear factor.
// Run it with `dotnet run kernels.cs`; the exit code is 0 where every claim below holds.
#:project ../../src/StableRank/StableRank.csproj
#:property PublishAot=false
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Kernels;
using StableRank.Networks;

// Inputs are features x samples, a sample a column. The kernel is that of the network's output.
var inputs = Digits.Load().Features.SubMatrix(0, 64, 0, 6);
Model Net(int width, double r) => Model.Dense(
    [64, width, width, 1], Activation.ReLU, linearOutput: true,
    weights: (layer, rows, columns) => layer == 2
        ? Ensemble.StableRank(rows, columns, r, scale: ScaleConvention.Spectral(2))
        : Ensemble.He(rows, columns));

// One network, by two routes: the structured one of theory (5.2), Grams of activations times Grams of signals, and J J' by forming the
// Jacobian, one backward pass a sample. In exact arithmetic they are equal.
const int width = 128;
var model = Net(width, 64);
var network = model.Sample<double>(seed: 1);
var structured = new EmpiricalKernel<double>(network, ParameterMultipliers.Standard(network)).Ntk(inputs).Kernel;
var jacobian = Matrix<double>.Build.DenseOfColumnVectors(Enumerable.Range(0, inputs.ColumnCount).Select(Gradient));
var distance = KernelComparison.RelativeDistance(structured, jacobian.TransposeThisAndMultiply(jacobian));
Console.WriteLine($"structured against J'J: relative distance {distance:E1}");

// Networks scatter about their mean, which in a bias-free ReLU net is the limit kernel exactly on the diagonal, at any width.
var limit = LimitKernel.Of(model).Compute(inputs);
var average = MonteCarloKernel.Run(model, inputs, replicates: 200, seed: 2).Ntk;
var worst = Enumerable.Range(0, 6).Max(i => Math.Abs(average.At(i, i).DeviationsFrom(limit.Ntk[i, i])));
Console.WriteLine($"diagonal over 200 networks against the limit: {worst:F2} standard errors at worst");
Console.WriteLine($"one network scatters by {average.RelativeSpread[0, 0]:P0}; predicted {limit.RelativeSpread:P0}");

// In the limit a layer enters by its gain s_1^2 r / m alone, theory (5.3): twice the stable rank of one layer doubles this kernel.
var doubled = LimitKernel.Of(Net(width, 128)).Compute(inputs);
var factor = doubled.Ntk.PointwiseDivide(limit.Ntk);
Console.WriteLine($"r doubled: every entry times {factor.Enumerate().Min():R} to {factor.Enumerate().Max():R}");

// In the 'standard' parameterisation a layer's own term lacks its gain: affine in r, not proportional. At 64, 96, 128 a straight line.
double Standard(double r) => LimitKernel.Of(Net(width, r), KernelParameterization.Standard).Compute(inputs).Ntk[0, 0];
var (low, middle, high) = (Standard(64), Standard(96), Standard(128));
Console.WriteLine($"standard: {low:F2}, {middle:F2}, {high:F2}; at r = 0 the line meets {2 * low - high:F2}, not 0");

// The limit holds as widths AND participation ranks grow. Where it would mislead, the result says so.
Console.WriteLine(LimitKernel.Of(Net(width, 2)).Warnings.Single());

var rounding = 1e-12;
return distance < rounding && worst < 4.5 && factor.Enumerate().All(x => Math.Abs(x - 2) < rounding)
    && Math.Abs(low + high - 2 * middle) < rounding * high && 2 * low - high > 0.01 * low ? 0 : 1;

// d f(x_i) / d(all weights), layer after layer
Vector<double> Gradient(int sample)
{
    var pass = network.Forward(inputs.SubMatrix(0, 64, sample, 1));
    network.Backward(pass, Matrix<double>.Build.Dense(1, 1, 1.0));
    return Vector<double>.Build.Dense([.. network.Parameters.SelectMany(parameter => parameter.Gradient)]);
}
