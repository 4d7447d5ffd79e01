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
    private const double ValuesTarget = 1, RankTarget = 10;

    public static IEnumerable<Comparison> All()
    {
        yield return Comparison.Of($"singular values, {Count} of {Width} x {Width}", () =>
        {
            var gradients = Enumerable.Range(0, Count).Select(i => Gaussian(Width, Width, (ulong)i)).ToArray();
            return () => SingularValues.OfBatch(gradients);
        }) with
        {
            PeerRow = "numpy_singular_values",
            PeerArguments = [$"n={Width}", $"count={Count}"],

            // the band form of a square matrix, 8/3 n^3 at the rate of a GEMM; from there to the values is counted as nothing
            Flops = () => Count * 8.0 / 3 * Width * Width * Width,
            Target = ValuesTarget,
        };
        yield return Comparison.Of($"gradient rank by factors, {Width} x {Width}, batch {Batch}", () =>
        {
            var network = new Network<double>([new DenseLayer<double>(Gaussian(Width, Width, 0), null, Activation.Linear)]);
            var pass = network.Backward(network.Forward(Gaussian(Width, Batch, 5)), Gaussian(Width, Batch, 6));
            var meter = new GradientRankMeter<double>();
            return () => RequireRank(meter.Measure(pass)[0]);
        }) with
        {
            PeerRow = "numpy_gradient_rank",
            PeerArguments = [$"n={Width}", $"batch={Batch}"],
            Flops = () => RankRouteCost.Factors(Width, Width, Batch),
            Target = RankTarget,
            Repeats = 3,
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
