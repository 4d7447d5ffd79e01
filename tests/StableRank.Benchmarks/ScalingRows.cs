using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Kernels;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Randomness;
using StableRank.Spectra;

namespace StableRank.Benchmarks;

/// <summary>What is measured at growing width, depth, number of inputs and of replicates; all in double.</summary>
internal static class ScalingRows
{
    private const int Batch = 128, Layers = 4, Depth = 256, Outputs = 10, Samples = 32, KernelWidth = 512;

    /// <summary>Of the networks that are replicated: so small that a replicate has one thread.</summary>
    private const int ReplicateWidth = 64, ReplicateDepth = 5, Pairs = 4;

    /// <summary>Reflectors applied to a diagonal from both sides, 4/3 n^3 each.</summary>
    private const double SampleCubes = 8.0 / 3;

    public static IEnumerable<ScalingSeries> All()
    {
        yield return new("prescribed spectrum, n x n", "n", Doublings(256, 2048), Sample);
        yield return new("singular values, n x n", "n", Doublings(128, 1024), SingularValuesOf);
        yield return new($"forward pass, {Layers} layers, batch {Batch}", "width", Doublings(128, 2048), width => Forward(width, Layers));
        yield return new($"forward pass, layers of {Depth}, batch {Batch}", "depth", Doublings(4, 64), depth => Forward(Depth, depth));
        yield return new("training step, 784-width-width-10, sgd, batch 128", "width", Doublings(128, 2048), TrainingRows.DenseStep);
        yield return new(
            $"empirical NTK, 3 layers of {KernelWidth}, {Outputs} outputs, all blocks", "N", Doublings(8, 256),
            samples => EmpiricalKernelRows.Row(KernelWidth, Outputs, samples, peer: false));
        yield return new(
            $"empirical NTK, 3 layers, {Outputs} outputs, all blocks, N = {Samples}", "width", Doublings(128, 2048),
            width => EmpiricalKernelRows.Row(width, Outputs, Samples, peer: false));
        yield return new("limit kernels, 10 ReLU layers", "N", Doublings(256, 2048), samples => KernelRows.Row(samples, "none", ""));
        yield return new(
            $"Monte Carlo mean field, {ReplicateDepth} layers of {ReplicateWidth}, {Pairs} pairs", "replicates", Doublings(100, 1600),
            MeanField);
        yield return new(
            $"Monte Carlo kernels, {ReplicateDepth} layers of {ReplicateWidth}, N = {Samples}", "replicates", Doublings(100, 1600),
            Kernels);
    }

    private static int[] Doublings(int first, int last)
    {
        List<int> sizes = [];
        for (var size = first; size <= last; size *= 2)
        {
            sizes.Add(size);
        }

        return [.. sizes];
    }

    private static Comparison Sample(int n) => Comparison.Of("", () =>
    {
        var (ensemble, matrix, stream) = (Prescribed(n), new double[n * n], new RandomStream(1));
        return () => ensemble.Sample(matrix.AsSpan(), stream);
    }) with
    { Flops = () => SampleCubes * n * n * n };

    private static Comparison SingularValuesOf(int n) => Comparison.Of("", () =>
    {
        var matrix = Gaussian(n, n);
        return () => SingularValues.Of(matrix);
    }) with
    { Flops = () => 8.0 / 3 * n * n * n };

    private static Comparison Forward(int width, int layers) => Comparison.Of("", () =>
    {
        int[] widths = [.. Enumerable.Repeat(width, layers + 1)];
        var network = Model.Dense(widths, Activation.ReLU, (_, m, n) => Ensemble.He(m, n)).Sample<double>(1);
        var (inputs, pass) = (Gaussian(width, Batch), new ForwardPass<double>(network, Batch));
        return () => network.Forward(inputs, pass);
    }) with
    { Flops = () => 2.0 * Batch * layers * width * width };

    private static Comparison MeanField(int replicates) => Comparison.Of("", () =>
    {
        var (model, pairs) = (Replicated(), Gaussian(ReplicateWidth, 2 * Pairs));
        return () => MonteCarloMeanField.Run(model, pairs, replicates, 1);
    }) with
    {
        // signals and tangents of both inputs of a pair
        Flops = () => replicates * ReplicateDepth
            * ((SampleCubes * Math.Pow(ReplicateWidth, 3)) + (2.0 * 4 * Pairs * ReplicateWidth * ReplicateWidth)),
    };

    private static Comparison Kernels(int replicates) => Comparison.Of("", () =>
    {
        var (model, inputs) = (Replicated(), Gaussian(ReplicateWidth, Samples));
        return () => MonteCarloKernel.Run(model, inputs, replicates, 1);
    }) with
    {
        // forward, backward to every layer's signals from every output, and a layer's two Gram matrices
        Flops = () => replicates * ReplicateDepth * ((SampleCubes * Math.Pow(ReplicateWidth, 3))
            + (2.0 * Samples * ReplicateWidth * ReplicateWidth * (1 + ReplicateWidth))
            + (Samples * (Samples + 1.0) * ReplicateWidth * (1 + ReplicateWidth))),
    };

    private static Ensemble Prescribed(int n) => Ensemble.StableRank(n, n, n / 3.0, SpectralFamily.PowerLaw);

    private static Model Replicated() =>
        Model.Dense([.. Enumerable.Repeat(ReplicateWidth, ReplicateDepth + 1)], Activation.ReLU, (_, m, _) => Prescribed(m));

    private static Matrix<double> Gaussian(int rows, int columns)
    {
        var values = new double[rows * columns];
        new RandomStream(2).FillGaussian<double>(values);
        return Matrix<double>.Build.Dense(rows, columns, values);
    }
}
