// Propagation: what stable ranks do to signals through depth, exactly at finite width and in the mean-field limit.
// Run it with `dotnet run propagation.cs`; the exit code is 0 where every claim below holds.
#:project ../../src/StableRank/StableRank.csproj
#:property PublishAot=false
using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Spectra;

// A model is an architecture with a law for every weight matrix: here 8 ReLU layers of width 64, spectral norm 1, stable rank 32.
const int n = 64, depth = 8;
const double r = 32;
var widths = Enumerable.Repeat(n, depth + 1).ToArray();
var model = Model.Dense(widths, Activation.ReLU, (_, rows, columns) => Ensemble.StableRank(rows, columns, r, SpectralFamily.PowerLaw));

// Exact, not asymptotic: every layer multiplies E||x||^2 by r/(2n), theory (4.4). Eight of them by (1/4)^8: exponential in depth.
var exact = ExactPropagation.Of(model);
var rate = Math.Exp(exact[^1].LogSecondMoment / depth);
Console.WriteLine($"growth of the mean a layer: {rate:R}, r/2n = {r / (2 * n)}");
var ok = Math.Abs(rate - r / (2 * n)) <= 1e-14;

// The typical network lies below the mean, since a product of random factors is dominated by rare great ones. The mean of the log is
// exact too, theory (4.3), and the gap grows with 1/p - 1/n + 3/(2m) a layer: low participation ranks fluctuate like narrow layers.
var measured = MonteCarloPropagation.Run(model, Digits.Load().Features.SubMatrix(0, n, 0, 20), replicates: 200, seed: 1);
Console.WriteLine("layer  log of the mean   measured               mean of the log   measured");
foreach (var (theory, sample) in exact.Zip(measured.Layers))
{
    Console.WriteLine(
        $"{theory.Layer,5} {theory.LogSecondMoment,16:F4}   {sample.LogSecondMoment.Mean:F4} ± {sample.LogSecondMoment.StandardError:F4}"
        + $"{theory.ExpectedLog,18:F4}   {sample.ExpectedLog.Mean:F4} ± {sample.ExpectedLog.StandardError:F4}");

    // the logarithm has light tails at any depth; the mean itself is tested where its standard error can be trusted
    ok &= Math.Abs(sample.ExpectedLog.DeviationsFrom(theory.ExpectedLog)) < 4.5;
    ok &= theory.Layer > 3 || Math.Abs(sample.SecondMoment.DeviationsFrom(theory.SecondMoment)) < 4.5;
}

// Products of linear layers lose participation rank: theory (4.9), one 2 x 2 matrix a layer, exact at every width.
var linear = Model.Dense(widths, Activation.Linear, (_, rows, columns) => Ensemble.StableRank(rows, columns, r));
var ranks = LinearProduct.Of(linear).Select(product => product.ParticipationRank).ToList();
Console.WriteLine($"participation rank of W_l ... W_1: {string.Join(", ", ranks.Select(p => p.ToString("F2")))}");
ok &= Math.Abs(ranks[0] - r) <= 1e-12 * r && ranks.Zip(ranks.Skip(1)).All(pair => pair.Second < pair.First);

// Order and chaos: a layer acts like one of gain g = s_1^2 r / m, theory (2.4). On the line chi_1 = 1 perturbations neither die nor
// grow, so at a given spectral norm there is a critical stable rank. It is found, and chi_1 computed there by the map itself.
const double norm = 2, biasVariance = 0.05;
var critical = CriticalLine.ForBias(Activation.Erf, biasVariance).Single();
var criticalRank = critical.Gain * n / (norm * norm);
var map = new MeanFieldMap(Activation.Erf, norm * norm * criticalRank / n, biasVariance);
Console.WriteLine($"erf, s_1 = {norm}, sigma_b^2 = {biasVariance}: critical at r = {criticalRank:F3} of {n}");
Console.WriteLine($"there chi_1 = {map.Attractor().Slope:R}");
ok &= Math.Abs(map.Attractor().Slope - 1) < 1e-9;
var below = new MeanFieldMap(Activation.Erf, critical.Gain * 0.8, biasVariance).Attractor();
var above = new MeanFieldMap(Activation.Erf, critical.Gain * 1.2, biasVariance).Attractor();
Console.WriteLine($"at 0.8 times that rank {below.Phase}, at 1.2 times {above.Phase}");

return ok && below.Phase == MeanFieldPhase.Ordered && above.Phase == MeanFieldPhase.Chaotic ? 0 : 1;
