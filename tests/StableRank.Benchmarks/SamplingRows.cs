using StableRank.Ensembles;
using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Benchmarks;

/// <summary>Haar factors and matrices of prescribed singular values, n x n in double, against SciPy's and NumPy's routes.</summary>
internal static class SamplingRows
{
    private const double FactorTarget = 3, MatrixTarget = 5, FloorTarget = 2;

    /// <summary>From here on only in a full run.</summary>
    private const int FullSize = 4096;

    public static IEnumerable<Comparison> All()
    {
        foreach (var n in new[] { 512, 1024, 2048, FullSize })
        {
            foreach (var (route, name) in new[] { ("scipy", "SciPy"), ("numpy_qr", "NumPy QR") })
            {
                // one factor formed from Householder vectors
                yield return Row(
                    $"Haar factor, n = {n}, peer {name}", n, $"{route}_haar", FactorTarget, 4.0 / 3, () => Ensemble.Orthogonal(n, n));

                // both sides applied to the diagonal, 4/3 n^3 each
                yield return Row(
                    $"prescribed spectrum, n = {n}, peer {name}", n, $"{route}_sample", MatrixTarget, 8.0 / 3,
                    () => Ensemble.StableRank(n, n, n / 3.0, SpectralFamily.PowerLaw));
            }
        }
    }

    private static Comparison Row(string name, int n, string peer, double target, double cubes, Func<Ensemble> law) =>
        Comparison.Of(name, () =>
        {
            var (ensemble, matrix, stream) = (law(), new double[n * n], new RandomStream(1));
            return () => ensemble.Sample(matrix.AsSpan(), stream);
        }) with
        {
            PeerRow = peer,
            PeerArguments = [$"n={n}"],
            Flops = () => cubes * n * n * n,
            Target = target,
            FloorTarget = FloorTarget,
            Repeats = n < 1024 ? 5 : 1,
            Full = n >= FullSize,
        };
}
