using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Kernels;

/// <summary>
/// What an empirical tangent kernel costs by one route: floating-point operations (an addition and a multiplication are two) and bytes of
/// memory, the kernel itself included. A model of the work that dominates: products of matrices and the passes through the network.
/// </summary>
/// <param name="Route">The route, never <see cref="KernelRoute.Automatic"/>.</param>
/// <param name="Output">What is computed.</param>
/// <param name="Flops">Operations. On one set of inputs, Grams count half.</param>
/// <param name="KernelBytes">The kernel.</param>
/// <param name="WorkBytes">What is held beside it: activations, signals or Jacobians of two blocks of inputs, and tiles.</param>
public sealed record KernelCost(KernelRoute Route, KernelOutput Output, double Flops, double KernelBytes, double WorkBytes)
{
    /// <summary>The factors of two blocks of inputs take this many bytes at most, unless one sample takes more.</summary>
    private const double Budget = 1 << 30;

    /// <summary>All memory.</summary>
    public double Bytes => KernelBytes + WorkBytes;

    /// <summary>The samples of a block of the first and of the second set, of which factors are held at a time.</summary>
    internal (int Rows, int Columns) Blocks { get; init; }

    /// <summary>Bytes of one sample's Jacobian, where one array is to hold it; else 0.</summary>
    internal double SampleJacobianBytes { get; init; }

    /// <summary>One line a route, under a header.</summary>
    public static string Table(IEnumerable<KernelCost> costs)
    {
        ArgumentNullException.ThrowIfNull(costs);
        var text = new StringBuilder("route        output     GFLOP        kernel MB    work MB\n");
        foreach (var cost in costs)
        {
            text.Append(cost).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>A line of <see cref="Table"/>.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Route,-12} {Output,-10} {Flops / 1e9,-12:G4} {KernelBytes / 1e6,-12:G4} {WorkBytes / 1e6:G4}");

    /// <param name="network">The network.</param>
    /// <param name="rows">N.</param>
    /// <param name="columns">M, or null for one set of inputs.</param>
    /// <param name="output">What is computed.</param>
    /// <param name="route">Structured or Contraction.</param>
    /// <param name="blockSamples">The samples of a block, where they are not to be chosen by memory.</param>
    internal static KernelCost Of<T>(
        Network<T> network, int rows, int? columns, KernelOutput output, KernelRoute route, int? blockSamples = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double outputs = network.OutputSize;
        var (n, m) = ((double)rows, (double)(columns ?? rows));
        var entries = output switch { KernelOutput.Blocks => outputs * outputs, KernelOutput.Trace => 1, _ => outputs };
        var kernel = Unsafe.SizeOf<T>() * n * m * entries;
        var work = LayerWork(network, route, output);
        var sample = Unsafe.SizeOf<T>() * Math.Max(1, work.Entries);

        // one set: one block is both; else blocks of either set, the second set's passed once for each of the first
        var budget = Math.Min(Budget, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8.0);
        var whole = (columns is null ? n : n + m) * sample <= budget;
        var most = blockSamples ?? (whole ? int.MaxValue : (int)Math.Max(1, budget / (2 * sample)));
        var (blockRows, blockColumns) = (Math.Min(rows, most), Math.Min(columns ?? rows, most));
        var (countRows, countColumns) = (Math.Ceiling(n / blockRows), Math.Ceiling(m / blockColumns));
        var passed = columns is null
            ? (n * (countRows + 1) / 2)
            : n + (m * countRows);
        var pairs = columns is null ? n * (n + 1) / 2 : n * m;
        var held = columns is null && countColumns == 1 ? blockRows : blockRows + (double)blockColumns;
        double side = Math.Max(KernelAssembler<T>.DefaultSide, output == KernelOutput.Blocks ? outputs : 1);
        var tiles = 2 * Unsafe.SizeOf<T>() * side * side * Backend.Threads;
        return new(route, output, (passed * work.Pass) + (pairs * work.Pair), kernel, (held * sample) + tiles)
        {
            Blocks = (blockRows, blockColumns),
            SampleJacobianBytes = Unsafe.SizeOf<T>() * work.Jacobian,
        };
    }

    /// <summary>Operations and entries to one sample, and operations to a pair of samples.</summary>
    private static (double Pass, double Entries, double Pair, double Jacobian) LayerWork<T>(
        Network<T> network, KernelRoute route, KernelOutput output)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double outputs = network.OutputSize;
        var products = output == KernelOutput.Blocks ? outputs * outputs : outputs;
        var structured = route == KernelRoute.Structured;
        var direct = structured && network.Layers.All(layer => layer is DenseLayer<T>);
        double pass = 0, entries = direct ? network.InputSize : outputs * network.InputSize, pair = 0, jacobian = 0;
        for (var l = 0; l < network.Layers.Count; l++)
        {
            var layer = network.Layers[l];
            var top = l == network.Layers.Count - 1;
            double parameters = layer.Parameters.Sum(parameter => (double)parameter.Values.Length), size = layer.OutputSize;
            var forward = layer.ForwardFlops;
            if (direct)
            {
                // signals of the top layer are its slopes, those of the layer below its weights: neither is multiplied out
                pass += forward + (l is 0 || top ? 0 : outputs * forward);
                entries += top ? 2 * size : (2 + outputs) * size;
            }
            else
            {
                // forward, signals and gradients of the whole batch, one copy of a sample for each output
                pass += 3 * outputs * forward;
                entries += 3 * outputs * size;
            }

            if (structured && layer is DenseLayer<T>)
            {
                pair += (2.0 * layer.InputSize) + (top ? 0 : 2 * products * size);
            }
            else
            {
                pass += outputs * forward;
                jacobian += outputs * parameters;
                pair += 2 * products * parameters;
            }
        }

        return (pass, entries + jacobian, pair, jacobian);
    }
}
