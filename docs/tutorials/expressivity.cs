// Expressivity: curves through networks, exact linear regions, and spectra of Jacobians, as functions of the stable rank.
// Run it with `dotnet run expressivity.cs`; the exit code is 0 where every claim below holds.
#:project ../../src/StableRank/StableRank.csproj
#:property PublishAot=false
using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Expressivity;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Spectra;

// ReLU networks of 3 x 32 neurons without biases at preserved variance; the stable rank of the hidden layers is what changes.
const int n = 32, depth = 3, networks = 300;
Model Net(double r, int outputs = 4) => Model.Dense(
    [64, .. Enumerable.Repeat(n, depth), outputs], Activation.ReLU, linearOutput: true,
    weights: (layer, rows, columns) => layer > depth
        ? Ensemble.He(rows, columns)
        : Ensemble.StableRank(rows, columns, r, SpectralFamily.PowerLaw, ScaleConvention.ReLU));
var digits = Digits.Load().Features;
var (from, to) = (digits.Column(0), digits.Column(1));
var ok = true;

// Lengths: the mean square speed of the image of a curve obeys theory (4.5) in every layer, exactly. The image is no longer than that says.
var curve = Curve.Segment(from, to);
var theory = ExactPropagation.Of(Net(4));
var run = MonteCarloCurve.Run<double>(Net(4), curve, networks, seed: 1);
foreach (var layer in run.Layers)
{
    var speed = theory[layer.Layer - 1].TangentFactor * run.Input.MeanSquareSpeed;
    Console.WriteLine(
        $"layer {layer.Layer}: square speed {layer.MeanSquareSpeed.Mean:F1} ± {layer.MeanSquareSpeed.StandardError:F1}, exact {speed:F1}; "
        + $"length {layer.Length.Mean:F2}, at most {Math.Sqrt(speed):F2}");
    ok &= Math.Abs(layer.MeanSquareSpeed.DeviationsFrom(speed)) < 4.5;
    ok &= layer.Length.Mean < Math.Sqrt(speed) + 4.5 * layer.Length.StandardError;
}

// Linear regions along the segment, exactly: it is divided at every neuron's sign change, layer after layer; nothing is sampled. Their
// mean is 1 + N theta/pi, N the neurons and theta the angle between the ends, whatever the stable rank. Low ranks scatter more widely.
var angle = Math.Acos(from.DotProduct(to) / from.L2Norm() / to.L2Norm());
var expected = 1 + n * depth * angle / Math.PI;
foreach (var r in new[] { 2.0, 16 })
{
    var model = Net(r);
    var counts = Enumerable.Range(0, networks)
        .Select(i => (double)SegmentPartition.Of(model.Sample<double>(2, (ulong)i), from, to).Count).ToList();
    var mean = counts.Average();
    var error = Math.Sqrt(counts.Sum(count => (count - mean) * (count - mean)) / (networks - 1) / networks);
    Console.WriteLine($"r = {r}: {mean:F2} ± {error:F2} regions, theory {expected:F2}");
    ok &= Math.Abs(mean - expected) < 4.5 * error;
}

// On each region the network is affine, and the partition knows the map: it must give what the network computes.
var network = Net(4).Sample<double>(seed: 3);
var partition = SegmentPartition.Of(network, from, to);
var middle = (partition.Breakpoints[1] + partition.Breakpoints[2]) / 2;
var outputs = network.Forward(Matrix<double>.Build.DenseOfColumnVectors(from + middle * (to - from))).Outputs.Column(0);
var difference = (partition.Evaluate(middle) - outputs).L2Norm() / outputs.L2Norm();
Console.WriteLine($"{partition.Count} regions; inside the second the affine map is off by {difference:E1} of the outputs");

// Local dimension: the rank of the Jacobian of 64 outputs by 64 inputs. Neurons that are off carry nothing: it is far below 32 here.
var wide = Net(4, outputs: 64).Sample<double>(seed: 4);
var jacobian = JacobianSpectrum.Of(wide, digits.SubMatrix(0, 64, 0, 1))[0];
var activations = wide.Forward(digits.SubMatrix(0, 64, 0, 1)).PostActivations.Take(depth);
var active = activations.Min(layer => layer.Enumerate().Count(x => x > 0));
Console.WriteLine($"local dimension {jacobian.LocalDimension}; the fewest active neurons of a layer: {active}");
return ok && difference < 1e-12 && jacobian.LocalDimension == active ? 0 : 1;
