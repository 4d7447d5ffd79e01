using BenchmarkDotNet.Attributes;
using StableRank.Ensembles;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Randomness;
using StableRank.Training;

namespace StableRank.Benchmarks;

/// <summary>The parts of a training step of a dense ReLU network in single precision: forward with the loss, backward, optimiser.</summary>
[MemoryDiagnoser]
public class StepBenchmarks
{
    private const int Inputs = 784, Classes = 10, Samples = 128;

    private readonly Adam<float> optimizer = new();
    private Network<float>? network;
    private Batch<float>? batch;

    /// <summary>The width of both hidden layers.</summary>
    [Params(128, 512)]
    public int Width { get; set; }

    /// <summary>A network with a batch in it that has been forward and back.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        int[] widths = [Inputs, Width, Width, Classes];
        network = Model.Dense(widths, Activation.ReLU, (_, m, n) => Ensemble.He(m, n), 0.01, linearOutput: true).Sample<float>(1);
        var stream = new RandomStream(2);
        var values = new float[Inputs * Samples];
        stream.FillGaussian<float>(values);
        var labels = Enumerable.Range(0, Samples).Select(_ => stream.NextInt32(Classes)).ToArray();
        batch = new Batch<float>(network, Loss.SoftmaxCrossEntropy, Samples);
        batch.Gather(TrainingData<float>.Labelled(MatrixStorage.Dense(Inputs, Samples, values), labels), new EpochOrder(3, Samples).Of(0));
        Forward();
        Backward();
    }

    /// <summary>Outputs, loss and its gradient.</summary>
    [Benchmark]
    public double Forward() => batch!.RunForward();

    /// <summary>The gradients of all parameters.</summary>
    [Benchmark]
    public void Backward() => batch!.RunBackward();

    /// <summary>Adam's step.</summary>
    [Benchmark]
    public void Step() => optimizer.Step(network!.Parameters, 1e-9);
}
