using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Networks;
using StableRank.Randomness;
using StableRank.Training;

namespace StableRank.Benchmarks;

/// <summary>Training of a network on uniform random inputs with random labels, a batch after the other.</summary>
internal sealed class TrainingTask<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Samples of a batch, batches of the data, and classes.</summary>
    public const int BatchSize = 128, Batches = 10, Classes = 10;

    private readonly TrainingData<T> _data;
    private readonly EpochOrder _order = new(3, Samples);
    private readonly double _rate;
    private int _step;

    /// <param name="model">Its outputs are the classes.</param>
    /// <param name="optimizer">What moves the parameters.</param>
    /// <param name="rate">The learning rate.</param>
    public TrainingTask(Model model, Optimizer<T> optimizer, double rate)
    {
        (Network, Optimizer, _rate) = (model.Sample<T>(1), optimizer, rate);
        var stream = new RandomStream(2);
        var inputs = new double[model.InputSize * Samples];
        stream.FillUniform(inputs);
        Labels = [.. Enumerable.Range(0, Samples).Select(_ => stream.NextInt32(Classes))];
        var matrix = Matrix<T>.Build.Dense(model.InputSize, Samples, Array.ConvertAll(inputs, T.CreateChecked));
        _data = TrainingData<T>.Labelled(matrix, Labels);
        Batch = new Batch<T>(Network, Loss.SoftmaxCrossEntropy, BatchSize);
    }

    public Network<T> Network { get; }

    public Optimizer<T> Optimizer { get; }

    public Batch<T> Batch { get; }

    public int[] Labels { get; }

    private static int Samples => Batches * BatchSize;

    /// <summary>
    /// The operations of a step: three products a layer, but for the inputs' gradient, which nobody needs.
    /// </summary>
    public double Flops
    {
        get
        {
            var first = Network.Layers[0];
            var inputGradient = first is ElmanLayer<T> elman ? 2.0 * elman.InputSize * elman.Width : first.ForwardFlops;
            return BatchSize * ((3 * Network.Layers.Sum(layer => layer.ForwardFlops)) - inputGradient);
        }
    }

    /// <summary>Takes the next batch.</summary>
    public void Gather() => Batch.Gather(_data, _order.Of(0).Slice(_step++ % Batches * BatchSize, BatchSize));

    /// <summary>A step, as the trainer takes it.</summary>
    public void Step()
    {
        Gather();
        Batch.RunForward();
        if (Optimizer is GradientDescent<T> descent)
        {
            Batch.RunBackward(withGradients: false);
            descent.Step(Network, Batch.Forward, Batch.Backward, _rate);
        }
        else
        {
            Batch.RunBackward();
            Optimizer.Step(Network.Parameters, _rate);
        }
    }
}
