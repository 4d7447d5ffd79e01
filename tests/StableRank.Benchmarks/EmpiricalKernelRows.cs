using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Kernels;
using StableRank.Networks;
using StableRank.Randomness;

namespace StableRank.Benchmarks;

/// <summary>
/// The empirical tangent kernel of ReLU networks with three hidden layers, all blocks, in double, as samples, width and outputs grow:
/// against functorch's Jacobians, and where those do not fit into memory against the floor of its products alone.
/// </summary>
internal static class EmpiricalKernelRows
{
    private const int Inputs = 784, Hidden = 3, Width = 1024, Outputs = 10, Samples = 32;
    private const double Target = 100, FloorTarget = 2;

    /// <summary>From this width on the floor is aimed at.</summary>
    private const int FloorWidth = 512;

    public static IEnumerable<Comparison> All()
    {
        yield return Row(Width, Outputs, Samples / 4);
        yield return Row(Width, Outputs, Samples);
        yield return Row(Width, Outputs, 8 * Samples, peer: false);
        yield return Row(Width / 4, Outputs, Samples);
        yield return Row(Width / 2, Outputs, Samples);
        yield return Row(2 * Width, Outputs, Samples / 4);
        yield return Row(Width, 1, Samples);
        yield return Row(Width, 3, Samples);
    }

    /// <summary>The kernel of a network of a width on so many samples, with the peer or alone.</summary>
    public static Comparison Row(int width, int outputs, int samples, bool peer = true)
    {
        int[] widths = [Inputs, .. Enumerable.Repeat(width, Hidden), outputs];
        return Comparison.Of($"empirical NTK, {string.Join('-', widths)}, all blocks, N = {samples}", () =>
        {
            var (kernel, x) = (Kernel(widths), new double[Inputs * samples]);
            new RandomStream(2).FillGaussian<double>(x);
            var inputs = Matrix<double>.Build.Dense(Inputs, samples, x);
            return () => kernel.Ntk(inputs);
        }) with
        {
            PeerRow = peer ? "functorch_kernel" : null,
            PeerArguments = [$"widths={string.Join(',', widths)}", $"samples={samples}"],
            Flops = () => Kernel(widths).Costs(samples).Single(cost => cost.Route == KernelRoute.Structured).Flops,
            Target = peer ? Target : null,
            FloorTarget = width >= FloorWidth ? FloorTarget : null,
        };
    }

    private static EmpiricalKernel<double> Kernel(int[] widths)
    {
        var network = Model.Dense(widths, Activation.ReLU, (_, m, n) => Ensemble.He(m, n), linearOutput: true).Sample<double>(1);
        return new EmpiricalKernel<double>(network, ParameterMultipliers.Standard(network));
    }
}
