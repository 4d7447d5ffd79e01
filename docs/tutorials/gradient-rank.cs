// Gradient rank: what bounds the rank of every gradient before a step is trained, the proof, and the ranks that are measured.
// Run it with `dotnet run gradient-rank.cs`; the exit code is 0 where every claim below holds.
#:project ../../src/StableRank/StableRank.csproj
#:property PublishAot=false
using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.GradientRank;
using StableRank.Networks;
using StableRank.Randomness;

// A linear autoencoder with a layer of 4 neurons. Signals pass it in both directions, so every gradient has rank 4 at most.
const int batch = 32;
var model = Autoencoder(Activation.Linear);
var bounds = GradientRankBound.Of(model, new RankAssumptions { Batch = batch });
Console.WriteLine(bounds[0]);

// Measured on Gaussian data: by the factors Delta A' of each gradient, values above LAPACK's tolerance. The bounds are attained.
var inputs = Gaussian(40, batch);
var linear = Ranks(model, inputs);
Report("linear", linear);
var ok = bounds.Zip(linear).All(pair => pair.First.Bound == pair.Second);

// Rectifiers forget ranks: the outer layers' gradients leave 4 behind, and the bounds, which are for any weights, allow it.
var rectified = Autoencoder(Activation.ReLU);
var relu = Ranks(rectified, inputs);
Report("ReLU", relu);
ok &= GradientRankBound.Of(rectified, new RankAssumptions { Batch = batch }).Zip(relu).All(pair => pair.Second <= pair.First.Bound);
ok &= relu.Max() > 4;

// Data of rank 3 bound every gradient of a linear network, whatever its widths; told of them, the bounds are 3.
var lowRank = Gaussian(40, 3) * Gaussian(3, batch);
var low = Ranks(model, lowRank);
Report("data of rank 3", low);
ok &= low.All(rank => rank == 3);
ok &= GradientRankBound.Of(model, new RankAssumptions { Batch = batch, DataRank = 3 }).All(bound => bound.Bound == 3);

// The layer's own rank takes no part, though equation 1 of arXiv 2402.06751 prints it. One layer of zeros has a gradient all the same:
// with squared loss dL/dW = (W X - Y) X' / N = -Y X' / N.
var single = new Network<double>([new DenseLayer<double>(Matrix<double>.Build.Dense(5, 40), bias: null, Activation.Linear)]);
var ofZeros = Measure(single, inputs, Gaussian(5, batch))[0];
Console.WriteLine($"W = 0 has rank 0, its gradient has rank {ofZeros}");
return ok && ofZeros == 5 ? 0 : 1;

Model Autoencoder(Activation activation) => Model.Dense(
    [40, 24, 4, 24, 40], activation, (_, rows, columns) => Ensemble.Orthogonal(rows, columns), linearOutput: true);

List<int> Ranks(Model of, Matrix<double> x) => Measure(of.Sample<double>(seed: 1), x, x);

// one forward and one backward pass, and the numerical rank of every gradient
List<int> Measure(Network<double> network, Matrix<double> x, Matrix<double> y)
{
    var forward = network.Forward(x);
    var gradient = new double[y.RowCount * y.ColumnCount];
    Loss.SquaredError.Evaluate(forward.Outputs, y, gradient);
    var backward = network.Backward(forward, gradient);
    return [.. new GradientRankMeter<double>().Measure(backward).Select(rank => rank.NumericalRank())];
}

void Report(string what, List<int> ranks) => Console.WriteLine($"{what}: ranks {string.Join(", ", ranks)}");

static Matrix<double> Gaussian(int rows, int columns)
{
    var entries = new double[rows * columns];
    new RandomStream(seed: 5, layer: (ulong)rows, replicate: (ulong)columns).FillGaussian<double>(entries);
    return Matrix<double>.Build.Dense(rows, columns, entries);
}
