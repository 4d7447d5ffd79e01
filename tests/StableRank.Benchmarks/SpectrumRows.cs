using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Benchmarks;

/// <summary>Random spectra of a prescribed stable rank: uniform on the slice, and of a Gaussian matrix conditioned on it.</summary>
internal static class SpectrumRows
{
    private const int Draws = 100;

    public static IEnumerable<Comparison> All()
    {
        foreach (var n in new[] { 256, 1024, 4096 })
        {
            yield return Uniform(n);
        }

        foreach (var n in new[] { 64, 256 })
        {
            yield return Conditioned(n);
        }
    }

    /// <summary>The table of a stable rank and draws from it; both sides make the table anew in each run.</summary>
    private static Comparison Uniform(int n) =>
        Comparison.Of($"uniform spectra, k = {n}, {Draws} draws and their table", () =>
        {
            var (stream, run) = (new RandomStream(1), 0);
            return () =>
            {
                // another stable rank than before: a family keeps the table of the latest
                var stableRank = (n / 3.0) + (run++ % 2);
                for (var draw = 0; draw < Draws; draw++)
                {
                    SpectralFamily.Uniform.Draw(n, n, stableRank, stream);
                }
            };
        }) with
        {
            PeerRow = "numpy_uniform_slice",
            PeerArguments = [$"n={n}", $"draws={Draws}"],
            Repeats = n < 1024 ? 5 : 1,
        };

    /// <summary>One draw by as many sweeps on either side; the peer's lack our collective moves, which would cost it more.</summary>
    private static Comparison Conditioned(int n) =>
        Comparison.Of($"Gaussian-conditioned spectrum, {n} x {n}, one draw by Markov chain", () =>
        {
            var (law, stream) = (new GaussianConditionedLaw(n, n, n / 6.0), new RandomStream(1));
            return () => law.Draw(stream);
        }) with
        {
            PeerRow = "numpy_conditioned",
            PeerArguments = [$"n={n}", $"sweeps={new GaussianConditionedLaw(n, n, n / 6.0).IndependentSweeps}"],
        };
}
