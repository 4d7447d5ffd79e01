using MathNet.Numerics.LinearAlgebra;
using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Expressivity;
using StableRank.Networks;
using StableRank.Randomness;

namespace StableRank.Benchmarks;

/// <summary>
/// The exact linear regions of a ReLU network along a segment, against the same division by NumPy's products and sorts: both read the same
/// weights and ends, and must come to the same number of regions.
/// </summary>
internal static class RegionRows
{
    private const int Inputs = 64, Outputs = 10, Hidden = 4;
    private const string Problem = "problem.npz";

    public static IEnumerable<Comparison> All()
    {
        foreach (var width in new[] { 64, 256, 512 })
        {
            int[] widths = [Inputs, .. Enumerable.Repeat(width, Hidden), Outputs];
            yield return new Comparison($"linear regions along a segment, {string.Join('-', widths)}", _ =>
            {
                var (network, from, to) = (Network(widths), End(1), End(2));
                return () => SegmentPartition.Of(network, from, to).Count;
            })
            {
                PeerRow = "numpy_regions",
                PeerArguments = [$"layers={widths.Length - 1}"],
                WriteInputs = folder => Write(Path.Combine(folder, Problem), Network(widths)),
                Flops = () => Flops(Network(widths)),
                Repeats = 5,
            };
        }
    }

    /// <summary>Each layer at each breakpoint of the layers below it.</summary>
    private static double Flops(Network<double> network)
    {
        int[] counts = [1, .. SegmentPartition.Of(network, End(1), End(2)).CountByLayer];
        return network.Layers.Zip(counts, (layer, regions) => layer.ForwardFlops * (regions + 1)).Sum();
    }

    private static Network<double> Network(int[] widths) =>
        Model.Dense(widths, Activation.ReLU, (_, m, n) => Ensemble.He(m, n), biasVariance: 0.1, linearOutput: true).Sample<double>(1);

    /// <summary>Far enough apart that every neuron of the first layer has its chance to change sign between them.</summary>
    private static Vector<double> End(ulong seed)
    {
        var values = new double[Inputs];
        new RandomStream(seed).FillGaussian<double>(values);
        return Vector<double>.Build.Dense(values);
    }

    private static void Write(string path, Network<double> network) => Npz.Write(path, npz =>
    {
        npz.Add("from", End(1).ToColumnMatrix());
        npz.Add("to", End(2).ToColumnMatrix());
        for (var l = 0; l < network.Layers.Count; l++)
        {
            npz.Add($"w{l}", network.Layers[l].Weights);
            npz.Add($"b{l}", network.Layers[l].Bias!.ToColumnMatrix());
        }
    });
}
