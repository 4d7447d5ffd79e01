using StableRank.Ensembles;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Randomness;
using StableRank.Training;
using Part = StableRank.Benchmarks.PartsTask.Part;

namespace StableRank.Benchmarks;

/// <summary>The tasks that are taken apart.</summary>
internal static class PartsRows
{
    public static IEnumerable<PartsTask> All()
    {
        foreach (var n in new[] { 512, 1024 })
        {
            yield return Factor(n);
            yield return Sample(n);
        }

        foreach (var width in new[] { 512, 2048 })
        {
            yield return Training<double>(width);
            yield return Training<float>(width);
        }

        yield return TangentKernel(width: 1024, samples: 32);
        yield return LimitKernels(samples: 1024);
    }

    /// <summary>Of one output: its product with the top layer is a scaling, so that the signals take two products.</summary>
    private static PartsTask TangentKernel(int width, int samples)
    {
        var row = EmpiricalKernelRows.Row(width, 1, samples);
        return new(row.Name, () =>
        {
            var run = row.Prepare("");
            const int inputs = 784;
            double[] w = new double[width * width], x = new double[width * samples], y = new double[width * samples];
            void Forward(int n) =>
                Blas.Gemm<double>(Transpose.No, Transpose.No, width, samples, n, 1, w, width, x, n, 0, y, width);
            void Back() =>
                Blas.Gemm<double>(Transpose.Yes, Transpose.No, width, samples, width, 1, w, width, x, width, 0, y, width);
            return (() => run(),
            [
                new("forward products, alone", 2.0 * samples * width * (inputs + (2 * width)), () =>
                {
                    Forward(inputs);
                    Forward(width);
                    Forward(width);
                }),
                new("backward products, alone", 4.0 * samples * width * width, () =>
                {
                    Back();
                    Back();
                }),
            ]);
        });
    }

    private static PartsTask LimitKernels(int samples)
    {
        var row = KernelRows.Row(samples, "in place", "numpy_limit_kernel");
        const int features = 64;
        return new(row.Name, () =>
        {
            var run = row.Prepare("");
            double[] x = new double[features * samples], gram = new double[samples * samples];
            return (() => run(),
            [
                new("the Gram product, alone", (double)samples * samples * features, () =>
                    Blas.Syrk<double>(Transpose.Yes, samples, features, 1, x, features, 0, gram, samples)),
            ]);
        });
    }

    private static PartsTask Factor(int n) => new($"Haar factor, n = {n}", () =>
    {
        var (stream, matrix, tau) = (new RandomStream(1), new double[n * n], new double[n]);
        var law = Ensemble.Orthogonal(n, n);
        return (() => law.Sample(matrix.AsSpan(), stream),
        [
            new("Gaussians and reflectors", null, () => HaarReflectors.Draw<double>(n, n, matrix, tau, stream)),
            BlockProducts(n, n < 1024 ? 64 : 128, both: false),
        ]);
    });

    private static PartsTask Sample(int n) => new($"prescribed spectrum, n = {n}", () =>
    {
        var (stream, matrix, tau) = (new RandomStream(1), new double[n * n], new double[n]);
        var law = Ensemble.StableRank(n, n, n / 3.0, Spectra.SpectralFamily.PowerLaw);
        return (() => law.Sample(matrix.AsSpan(), stream),
        [
            new("Gaussians and reflectors, both sides", null, () =>
            {
                HaarReflectors.Draw<double>(n, n, matrix, tau, stream);
                HaarReflectors.Draw<double>(n, n, matrix, tau, stream);
            }),
            BlockProducts(n, 64, both: true),
        ]);
    });

    /// <summary>The large products of forming from reflectors, block by block, in the shapes that they have there.</summary>
    private static Part BlockProducts(int n, int width, bool both)
    {
        double[] m = new double[n * n], v = new double[2 * n * width], p = new double[2 * n * width], c = new double[n * width];
        var (flops, inner) = (0.0, both ? 2 * width : width);
        for (var j = n - width; j >= 0; j -= width)
        {
            double order = n - j, rest = order - width;
            flops += ((both ? 2 : 1) * 2 * rest * rest * width) + (2 * order * order * inner);
        }

        return new("products with the trailing matrix, alone", flops, () =>
        {
            for (var j = n - width; j >= 0; j -= width)
            {
                int order = n - j, rest = order - width;
                Blas.Gemm<double>(Transpose.Yes, Transpose.No, rest, width, rest, 1, m, n, v, n, 0, c, n);
                if (both)
                {
                    Blas.Gemm<double>(Transpose.No, Transpose.No, rest, width, rest, 1, m, n, v, n, 0, c, n);
                }

                Blas.Gemm<double>(Transpose.No, Transpose.Yes, order, order, inner, -1, v, n, p, n, 1, m, n);
            }
        });
    }

    private static PartsTask Training<T>(int width)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        int[] widths = [784, width, width, TrainingTask<T>.Classes];
        var precision = typeof(T) == typeof(double) ? "double" : "single";
        return new($"training step, {string.Join('-', widths)}, sgd, {precision}", () =>
        {
            var model = Model.Dense(widths, Activation.ReLU, (_, m, n) => Ensemble.He(m, n), 0.01, linearOutput: true);
            TrainingTask<T> task = new(model, new GradientDescent<T>(), 1e-3);
            task.Step();
            var (network, batch) = (task.Network, task.Batch);
            var (gradient, labels) = (new T[TrainingTask<T>.Classes * TrainingTask<T>.BatchSize], task.Labels[..TrainingTask<T>.BatchSize]);

            // the other parts run over the very signals, which drift
            var outputs = batch.Forward.Outputs.Clone();
            return (task.Step,
            [
                new("its products, alone", task.Flops, () => Products(network, batch)),
                new("biases, activations and their derivatives", null, () => Elementwise(network, batch)),
                new("gathering the batch", null, task.Gather),
                new("loss", null, () => Loss.SoftmaxCrossEntropy.Evaluate<T>(outputs, labels, gradient)),
            ]);
        });
    }

    /// <summary>
    /// The products of a step of gradient descent, with a rate so small that weights stay (a library skips a product times 0).
    /// </summary>
    private static void Products<T>(Network<T> network, Batch<T> batch)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var (forward, backward, rate) = (batch.Forward, batch.Backward, T.CreateChecked(-1e-30));
        for (var l = 0; l < network.Layers.Count; l++)
        {
            var w = network.Layers[l].Weight;
            DenseKernel.Multiply(w.Values, w.Rows, w.Columns, forward.InputsOf(l), forward.Batch, forward.Pre[l]);
        }

        for (var l = network.Layers.Count - 1; l >= 0; l--)
        {
            var w = network.Layers[l].Weight;
            var (m, n, k, signal) = (w.Rows, w.Columns, forward.Batch, backward.Signal[l]);
            if (l > 0)
            {
                Blas.Gemm<T>(Transpose.Yes, Transpose.No, n, k, m, T.One, w.Values, m, signal, m, T.Zero, backward.Signal[l - 1], n);
            }

            Blas.Gemm<T>(Transpose.No, Transpose.Yes, m, n, k, rate, signal, m, forward.InputsOf(l), n, T.One, w.Values, m);
        }
    }

    private static void Elementwise<T>(Network<T> network, Batch<T> batch)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var (forward, backward) = (batch.Forward, batch.Backward);
        for (var l = 0; l < network.Layers.Count; l++)
        {
            var layer = network.Layers[l];
            var bias = layer.BiasParameter!;
            DenseKernel.AddBiasAndActivate<T>(bias.Values, layer.Activation, layer.OutputSize, forward.Pre[l], forward.Post[l]);
            DenseKernel.BackpropagateAndSum(
                layer.Activation, layer.OutputSize, forward.Pre[l], forward.Post[l], backward.Signal[l], bias.Gradient);
        }
    }
}
