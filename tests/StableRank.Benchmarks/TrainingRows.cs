using System.Globalization;
using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Ensembles;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Randomness;
using StableRank.Training;

namespace StableRank.Benchmarks;

/// <summary>
/// Training steps of dense ReLU networks, batch 128 (gather, forward, cross-entropy, backward, optimiser), against PyTorch: on the same
/// MKL as ours where ours is MKL, and on the library that it came with.
/// </summary>
internal static class TrainingRows
{
    private const int Batch = 128;
    private const int Steps = 100, Batches = 10;

    public static IEnumerable<Comparison> All()
    {
        int[][] networks = [[784, 512, 512, 10], [784, 128, 128, 10]];
        foreach (var widths in networks)
        {
            foreach (var optimizer in new[] { "sgd", "adam" })
            {
                foreach (var environment in Environments())
                {
                    yield return Row<double>(widths, optimizer, environment);
                    yield return Row<float>(widths, optimizer, environment);
                }
            }
        }
    }

    /// <summary>What PyTorch computes on, by name, with the variables for its process: ours where ours is MKL, and its own.</summary>
    public static IEnumerable<(string Name, Dictionary<string, string> Variables)> Environments()
    {
        var backend = Backend.Describe();
        if (backend is { Kind: BackendKind.Mkl, LibraryPath: { } library })
        {
            // Debian's MKL takes its threads from an OpenMP runtime that must be there first
            yield return ("our MKL", new() { ["LD_PRELOAD"] = $"libgomp.so.1:{library}", ["MKL_THREADING_LAYER"] = "GNU" });
        }

        yield return ("its own BLAS", []);
    }

    private static Comparison Row<T>(int[] widths, string optimizer, (string Name, Dictionary<string, string> Variables) environment)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var precision = typeof(T) == typeof(double) ? "double" : "single";

        // three products a layer, two in the first, whose inputs need no gradient
        var weights = Enumerable.Range(1, widths.Length - 1).Select(l => (double)widths[l] * widths[l - 1]).ToArray();
        var flops = 2.0 * Batch * ((3 * weights.Sum()) - weights[0]);
        string[] arguments =
        [
            $"widths={string.Join(',', widths)}", $"batch={Batch.ToString(CultureInfo.InvariantCulture)}", $"optimizer={optimizer}",
            $"precision={precision}", $"steps={Steps.ToString(CultureInfo.InvariantCulture)}",
        ];
        return new Comparison(
            $"training step, {string.Join('-', widths)}, {optimizer}, {precision}, peer on {environment.Name}",
            "torch_steps",
            arguments,
            Ours<T>(widths, optimizer),
            flops)
        {
            Repeats = Steps,
            Single = typeof(T) == typeof(float),
            PeerEnvironment = environment.Variables,
        };
    }

    private static Action Ours<T>(int[] widths, string optimizer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var model = Model.Dense(
            widths, Activation.ReLU, (_, rows, columns) => Ensemble.Gaussian(rows, columns, 2.0 / columns), 0.01, linearOutput: true);
        var network = model.Sample<T>(1);
        Optimizer<T> method = optimizer == "sgd" ? new GradientDescent<T>() : new Adam<T>();
        var rate = optimizer == "sgd" ? 1e-3 : 1e-4;
        var stream = new RandomStream(2);
        var count = Batches * Batch;
        var inputs = new double[widths[0] * count];
        stream.FillUniform(inputs);
        var labels = Enumerable.Range(0, count).Select(_ => stream.NextInt32(widths[^1])).ToArray();
        var data = TrainingData<T>.Labelled(Matrix<T>.Build.Dense(widths[0], count, Array.ConvertAll(inputs, T.CreateChecked)), labels);
        var order = new EpochOrder(3, count);
        var batch = new Batch<T>(network, Loss.SoftmaxCrossEntropy, Batch);
        return () =>
        {
            for (var step = 0; step < Steps; step++)
            {
                batch.Gather(data, order.Of(0).Slice(step % Batches * Batch, Batch));
                batch.RunForward();
                batch.RunBackward();
                method.Step(network.Parameters, rate);
            }
        };
    }
}
