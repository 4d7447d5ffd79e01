using StableRank.Data;
using StableRank.Ensembles;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Randomness;
using StableRank.Spectra;

// a 128 x 64 weight matrix of stable rank 16 exactly: Haar singular vectors, a power-law spectrum, spectral norm 1
var matrix = Ensemble.StableRank(128, 64, stableRank: 16, SpectralFamily.PowerLaw).Sample<double>(new RandomStream(seed: 1));
Console.WriteLine($"{Backend.Describe()}\nstable rank {Spectrum.Of(matrix).StableRank:R}");

// ReLU networks of such matrices, and what they do to handwritten digits: predicted exactly, and measured over 400 networks
var model = Model.Dense(
    [64, 128, 128, 128, 128], Activation.ReLU, (_, rows, columns) => Ensemble.StableRank(rows, columns, 16, SpectralFamily.PowerLaw));
var digits = Digits.Load().Features.SubMatrix(0, 64, 0, 100);
var exact = ExactPropagation.Of(model);
var measured = MonteCarloPropagation.Run(model, digits, replicates: 400, seed: 1).Layers;
var deviations = measured.Zip(exact, (sample, theory) => sample.SecondMoment.DeviationsFrom(theory.SecondMoment)).ToList();
for (var l = 0; l < exact.Count; l++)
{
    var (theory, sample) = (exact[l].SecondMoment, measured[l].SecondMoment);
    Console.WriteLine($"layer {l + 1}: E|x|^2/|x0|^2 = {theory:E4}, measured {sample.Mean:E4} ± {sample.StandardError:E1}");
}

// every layer multiplies the mean by r/(2n), n its fan-in, exactly: the measurement must agree
return deviations.All(deviation => Math.Abs(deviation) < 4.5) ? 0 : 1;
