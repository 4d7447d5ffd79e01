using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Kernels;
using StableRank.Networks;
using StableRank.Randomness;

namespace StableRank.Benchmarks;

/// <summary>Limit kernels of one set of inputs, both NNGP and NTK, against NumPy's elementwise functions on whole Gram matrices.</summary>
internal static class KernelRows
{
    private const int Features = 64, Layers = 10;
    private const double Target = 15;

    public static IEnumerable<Comparison> All() =>
        from samples in new[] { 1024, 4096 }
        from peer in new[] { ("in place", "numpy_limit_kernel"), ("as written", "numpy_limit_kernel_plain") }
        select Row(samples, peer.Item1, peer.Item2);

    /// <summary>The kernels of so many inputs, beside one of the peers.</summary>
    public static Comparison Row(int samples, string name, string peer)
    {
        // half of the pairs: the Gram product, and a layer's 13 steps of the polynomial, some 20 multiplications and additions and two
        // square roots, counted as one operation each: 48 operations at the rate of a GEMM, which no square root reaches
        var pairs = samples * (samples + 1.0) / 2;
        return Comparison.Of($"limit kernels, {samples} inputs, {Layers} ReLU layers, peer {name}", () =>
        {
            int[] widths = [Features, .. Enumerable.Repeat(1024, Layers), 1];
            var kernel = LimitKernel.Of(Model.Dense(widths, Activation.ReLU, (_, m, n) => Ensemble.He(m, n), linearOutput: true));
            var values = new double[Features * samples];
            new RandomStream(1).FillGaussian<double>(values);
            var inputs = Matrix<double>.Build.Dense(Features, samples, values);
            return () => kernel.Compute(inputs);
        }) with
        {
            PeerRow = peer,
            PeerArguments = [$"samples={samples}", $"features={Features}", $"layers={Layers}"],
            Flops = () => pairs * ((2 * Features) + (Layers * 48.0)),
            Target = Target,
            Repeats = samples > 1024 ? 1 : 5,
        };
    }
}
