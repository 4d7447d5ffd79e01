// Spectra and ensembles: shapes of spectra at one stable rank, random matrices that have them, and what a matrix does on average.
// Run it with `dotnet run spectra-and-ensembles.cs`; the exit code is 0 where every claim below holds.
#:project ../../src/StableRank/StableRank.csproj
#:property PublishAot=false
using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Randomness;
using StableRank.Replication;
using StableRank.Spectra;

// The stable rank ||W||_F^2 / ||W||_2^2 counts singular values by their squares over the greatest square. Many spectra share one: a
// family is a shape with one free number, which is solved for so that the stable rank is the one asked for.
const int m = 96, n = 64;
const double r = 16;
var ok = true;
SpectralFamily[] families =
    [SpectralFamily.Flat, SpectralFamily.Spike, SpectralFamily.PowerLaw, SpectralFamily.Exponential, SpectralFamily.GaussianConditioned];
Console.WriteLine("family                  stable   participation  effective");
foreach (var family in families)
{
    // W = s_1 U diag V', U and V Haar distributed; here s_1 = 1. Every draw has the stable rank to rounding, r <= p always.
    var w = Ensemble.StableRank(m, n, r, family).Sample<double>(new RandomStream(seed: 1));
    var spectrum = Spectrum.Of(w);
    Console.WriteLine($"{family.Name,-22} {spectrum.StableRank,10:F6} {spectrum.ParticipationRank,12:F2} {spectrum.EffectiveRank,10:F2}");
    ok &= Math.Abs(spectrum.StableRank - r) <= 1e-12 * r && spectrum.ParticipationRank >= r * (1 - 1e-12);
}

// How a Gaussian matrix would look that happened to have this stable rank is no matter of taste: theory (3.1) gives its law. A square
// one has about k/4. Far below, one singular value is pulled out of the bulk; far above, the bulk is pressed against the greatest.
Console.WriteLine($"typical stable rank of a Gaussian {n} x {n} matrix: {GaussianStableRank.Typical(n, n):F1}");
foreach (var given in new[] { 4.0, 32, 56 })
{
    var law = new GaussianConditionedLaw(n, n, given);
    var drawn = law.Draw(new RandomStream(seed: 2));
    Console.WriteLine($"  given {given}: {law.Limit.Phase}, second value {drawn[1]:F3}, least {drawn[^1]:F3}");
    ok &= Math.Abs(drawn.StableRank - given) <= 1e-12 * given;
}

// What W does to a vector: E||W x||^2 = s_1^2 r ||x||^2 / n for every shape, theory (4.1); the spread does depend on it, through the
// participation rank, theory (4.2). Measured over independent matrices, with the standard error that (4.2) itself predicts.
const int draws = 500;
var ensemble = Ensemble.StableRank(m, n, r, SpectralFamily.PowerLaw);
var x = Vector<double>.Build.Dense(n, i => Math.Cos(i));
// The draws are independent, each from a stream of its own, and so they run on all cores, with the same numbers on any number of them.
var growth = new double[draws];
ReplicateLoop.Run(draws, new ReplicateSize(m * n), i =>
{
    var y = ensemble.Sample<double>(new RandomStream(seed: 3, replicate: (ulong)i)) * x;
    growth[i] = y.DotProduct(y) / x.DotProduct(x);
});
var mean = growth.Average();

var moments = ensemble.Moments;
var deviation = Math.Sqrt(moments.FourthMoment - moments.SecondMoment * moments.SecondMoment) / Math.Sqrt(draws);
var errors = (mean - moments.SecondMoment) / deviation;
Console.WriteLine($"E||Wx||^2/||x||^2 = r/n = {moments.SecondMoment}, measured {mean:F5} ± {deviation:F5}, {errors:F2} errors off");

// 4.5 standard errors: one false alarm in 150,000 seeds
return ok && Math.Abs(moments.SecondMoment - r / n) <= 1e-15 && Math.Abs(errors) < 4.5 ? 0 : 1;
