using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Kernels;
using StableRank.Networks;
using StableRank.Randomness;

namespace StableRank.Benchmarks;

/// <summary>
/// The empirical tangent kernel of a ReLU network 784-1024-1024-1024-10, all 10 x 10 blocks, in double: against functorch's Jacobians, and
/// where those do not fit into memory against the floor of its products alone.
/// </summary>
internal static class EmpiricalKernelRows
{
    private static readonly int[] Widths = [784, 1024, 1024, 1024, 10];

    public static IEnumerable<Comparison> All()
    {
        yield return Row(32, "functorch_kernel");
        yield return Row(256, Comparison.NoPeer);
    }

    private static Comparison Row(int samples, string peer)
    {
        var model = Model.Dense(
            Widths, Activation.ReLU, (_, rows, columns) => Ensemble.Gaussian(rows, columns, 2.0 / columns), linearOutput: true);
        var network = model.Sample<double>(1);
        var inputs = new double[Widths[0] * samples];
        new RandomStream(2).FillGaussian<double>(inputs);
        var kernel = new EmpiricalKernel<double>(network, ParameterMultipliers.Standard(network));
        var x = Matrix<double>.Build.Dense(Widths[0], samples, inputs);
        var structured = kernel.Costs(samples).Single(cost => cost.Route == KernelRoute.Structured);
        var count = samples.ToString(CultureInfo.InvariantCulture);
        var name = $"empirical NTK, {string.Join('-', Widths)}, all blocks, N = {count}";
        return new(name, peer, [$"samples={count}"], () => kernel.Ntk(x), structured.Flops);
    }
}
