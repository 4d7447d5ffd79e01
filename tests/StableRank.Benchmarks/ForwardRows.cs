using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Randomness;

namespace StableRank.Benchmarks;

/// <summary>The forward pass of a deep ReLU network against PyTorch's without gradients.</summary>
internal static class ForwardRows
{
    private const int Batch = 128, Inputs = 784, Outputs = 10, Hidden = 32;

    public static IEnumerable<Comparison> All()
    {
        foreach (var width in new[] { 128, 512 })
        {
            yield return Row<double>(width);
            yield return Row<float>(width);
        }
    }

    private static Comparison Row<T>(int width)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int[] widths = [Inputs, .. Enumerable.Repeat(width, Hidden), Outputs];
        var precision = typeof(T) == typeof(double) ? "double" : "single";
        return Comparison.Of($"forward pass, {Hidden} layers of {width}, batch {Batch}, {precision}", () =>
        {
            var model = Model.Dense(widths, Activation.ReLU, (_, m, n) => Ensemble.He(m, n), 0.01, linearOutput: true);
            var network = model.Sample<T>(1);
            var values = new T[Inputs * Batch];
            new RandomStream(2).FillGaussian<T>(values);
            var inputs = Matrix<T>.Build.Dense(Inputs, Batch, values);
            var pass = new ForwardPass<T>(network, Batch);
            return () => network.Forward(inputs, pass);
        }) with
        {
            PeerRow = "torch_forward",
            PeerArguments = [$"widths={string.Join(',', widths)}", $"batch={Batch}", $"precision={precision}"],
            Flops = () => 2.0 * Batch * widths.Zip(widths.Skip(1), (n, m) => (double)n * m).Sum(),
            Single = typeof(T) == typeof(float),
            Repeats = 10,
        };
    }
}
