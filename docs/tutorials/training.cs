// Training: a network whose layers keep their stable rank while it learns, beside one that is left free.
// Run it with `dotnet run training.cs`; the exit code is 0 where every claim below holds.
#:project ../../src/StableRank/StableRank.csproj
#:property PublishAot=false
using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Randomness;
using StableRank.Spectra;
using StableRank.Training;

// The nearest matrix of another stable rank keeps the singular vectors; its singular values are those of theory (8.1), of which one
// number tau is solved for. Lowering it changes one singular triple, but for a factor c, theory (8.2): no decomposition is needed.
var w = Ensemble.He(64, 48).Sample<double>(new RandomStream(seed: 1));
var nearest = w.NearestWithStableRank(6);
var rank = Spectrum.Of(nearest.Matrix).StableRank;
var change = Spectrum.Of(nearest.Matrix / nearest.Scale - w).NumericalRank(tolerance: 1e-10);
Console.WriteLine($"stable rank {Spectrum.Of(w).StableRank:F3} -> {rank:R} by W' = c (W + M), M of rank {change}");

// Stable Rank Normalization (arXiv 1906.04659) keeps the spectral norm and shrinks all else: of the same stable rank, but farther away.
var normalised = StableRankNormalization.AtMost(w, 6);
Console.WriteLine($"distance {nearest.Distance:F3}; with the spectral norm kept {normalised.Distance:F3}");
var ok = Math.Abs(rank / 6 - 1) < 1e-12 && change == 1 && nearest.Distance < normalised.Distance;

// 1,797 handwritten digits of 8 x 8 pixels; the last 297 are kept back to validate on.
var digits = Digits.Load();
var (train, validation) = (Part(0, 1500), Part(1500, 297));
var model = Model.Dense(
    [64, 64, 64, 10], Activation.ReLU, linearOutput: true,
    weights: (_, rows, columns) => Ensemble.StableRank(rows, columns, 5, SpectralFamily.PowerLaw, ScaleConvention.ReLU));

var free = Train(hold: false);
var held = Train(hold: true);
Console.WriteLine($"free: stable ranks {Text(free.Ranks)}, accuracy {free.Accuracy:P1}");
Console.WriteLine($"held: stable ranks {Text(held.Ranks)}, accuracy {held.Accuracy:P1}");

// The constraint is exact after every step, to its stated accuracy: 1e-6, or what the rounding of weights in single precision leaves.
// Free training moves them by percents, and both learn.
var accuracy = Math.Max(1e-6, 8 * Math.Sqrt(64) * (MathF.BitIncrement(1) - 1));
ok &= held.Ranks.All(rank => Math.Abs(rank / 5 - 1) <= accuracy);
ok &= free.Ranks.Any(rank => Math.Abs(rank / 5 - 1) > 0.01);
ok &= held.Accuracy > 0.85 && free.Accuracy > 0.85;
return ok ? 0 : 1;

(List<double> Ranks, double Accuracy) Train(bool hold)
{
    // the same seed: the same weights at the start and the same batches; the rule is all that differs
    var network = model.Sample<float>(seed: 3);
    var options = new TrainingOptions { Schedule = LearningRateSchedule.Constant(0.05), Epochs = 8, BatchSize = 50, Seed = 4 };
    List<TrainingHook<float>> hooks = hold ? [StableRankConstraint<float>.Exact(network, 5)] : [];
    var trainer = new Trainer<float>(network, Loss.SoftmaxCrossEntropy, new Sgd<float>(momentum: 0.9), options, hooks);
    var result = trainer.Run(train, validation);
    var ranks = network.Parameters.Where(parameter => parameter.IsWeight).Select(parameter => Spectrum.Of(parameter.Matrix).StableRank);
    return ([.. ranks], result.Epochs[^1].ValidationAccuracy!.Value);
}

// grey levels are 0 to 16: brought to 0 to 1
TrainingData<float> Part(int first, int count) => TrainingData<float>.Labelled(
    digits.FeaturesAs<float>().SubMatrix(0, 64, first, count) / 16, digits.Labels[first..(first + count)]);

static string Text(IEnumerable<double> ranks) => string.Join(", ", ranks.Select(rank => rank.ToString("F4")));
