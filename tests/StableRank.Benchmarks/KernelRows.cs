using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Kernels;
using StableRank.Networks;
using StableRank.Randomness;

namespace StableRank.Benchmarks;

/// <summary>Limit kernels of one set of inputs, both NNGP and NTK, against NumPy's elementwise functions on whole Gram matrices.</summary>
internal static class KernelRows
{
    private const int Samples = 4096, Features = 64, Layers = 10;

    public static IEnumerable<Comparison> All()
    {
        int[] widths = [Features, .. Enumerable.Repeat(1024, Layers), 1];
        var model = Model.Dense(widths, Activation.ReLU, (_, m, n) => Ensemble.He(m, n), linearOutput: true);
        var kernel = LimitKernel.Of(model);
        var values = new double[Features * Samples];
        new RandomStream(1).FillGaussian<double>(values);
        var inputs = Matrix<double>.Build.Dense(Features, Samples, values);

        // half of the pairs: the Gram product, and a layer's 13 steps of the polynomial, some 20 multiplications and additions and two
        // square roots, counted as one operation each: 48 operations at the rate of a GEMM, which no square root reaches
        const double pairs = Samples * (Samples + 1.0) / 2;
        const double flops = pairs * (2 * Features + Layers * 48.0);
        foreach (var (name, row) in new[] { ("in place", "numpy_limit_kernel"), ("as written", "numpy_limit_kernel_plain") })
        {
            yield return new Comparison(
                $"limit kernels, {Samples} inputs, {Layers} ReLU layers, peer {name}",
                row,
                [$"samples={Samples}", $"features={Features}", $"layers={Layers}"],
                () => kernel.Compute(inputs),
                flops);
        }
    }
}
