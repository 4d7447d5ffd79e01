using MathNet.Numerics.LinearAlgebra;
using StableRank.GradientRank;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Randomness;

namespace StableRank.Benchmarks;

/// <summary>Singular values of gradients in double, against NumPy's values-only decomposition and its matrix_rank.</summary>
internal static class GradientRankRows
{
    private const int Width = 1024, Count = 4, Batch = 64;

    public static IEnumerable<Comparison> All()
    {
        var gradients = Enumerable.Range(0, Count).Select(i => Gaussian(Width, Width, (ulong)i)).ToArray();

        // the bidiagonal form of a square matrix, 8/3 n^3 at the rate of a GEMM, which half of it cannot reach
        yield return new Comparison(
            $"gradient spectra, {Count} of {Width} x {Width}",
            "numpy_singular_values",
            [$"n={Width}", $"count={Count}"],
            () => SingularValues.OfBatch(gradients),
            Count * 8.0 / 3 * Width * Width * Width);

        var network = new Network<double>([new DenseLayer<double>(gradients[0], null, Activation.Linear)]);
        var pass = network.Backward(network.Forward(Gaussian(Width, Batch, 5)), Gaussian(Width, Batch, 6));
        var meter = new GradientRankMeter<double>();
        const int repeats = 10;
        yield return new Comparison(
            $"gradient rank by factors, {Width} x {Width}, batch {Batch}",
            "numpy_gradient_rank",
            [$"n={Width}", $"batch={Batch}"],
            () => RequireRank(meter.Measure(pass)[0]),
            RankRouteCost.Factors(Width, Width, Batch));
        yield return new Comparison(
            $"gradient rank by factors, {Width} x {Width}, batch {Batch}, no peer",
            Comparison.NoPeer,
            [],
            () =>
            {
                for (var i = 0; i < repeats; i++)
                {
                    RequireRank(meter.Measure(pass)[0]);
                }
            },
            RankRouteCost.Factors(Width, Width, Batch))
        {
            Repeats = repeats,
        };
    }

    private static void RequireRank(MeasuredRank rank)
    {
        if (rank.NumericalRank() != Batch)
        {
            throw new InvalidOperationException($"The gradient's rank came out as {rank.NumericalRank()}; expected {Batch}.");
        }
    }

    private static Matrix<double> Gaussian(int rows, int columns, ulong seed)
    {
        var values = new double[rows * columns];
        new RandomStream(seed).FillGaussian<double>(values);
        return Matrix<double>.Build.Dense(rows, columns, values);
    }
}
