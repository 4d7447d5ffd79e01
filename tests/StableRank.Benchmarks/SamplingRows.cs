using StableRank.Ensembles;
using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Benchmarks;

/// <summary>Sampling a matrix of prescribed singular values, n x n in double, against SciPy's and NumPy's routes.</summary>
internal static class SamplingRows
{
    public static IEnumerable<Comparison> All()
    {
        foreach (var n in new[] { 512, 1024 })
        {
            var ensemble = Ensemble.StableRank(n, n, n / 3.0, SpectralFamily.PowerLaw);
            var target = new double[n * n];
            var stream = new RandomStream(1);
            void Ours() => ensemble.Sample(target.AsSpan(), stream);

            // two Haar factors from Householder vectors: one formed, 4/3 n^3, one applied, 2 n^3
            var flops = 10.0 / 3 * n * n * n;
            yield return new($"prescribed spectrum, n = {n}", "ortho_group_sample", [$"n={n}"], Ours, flops);
            yield return new($"prescribed spectrum, n = {n}", "qr_sample", [$"n={n}"], Ours, flops);
        }
    }
}
