using System.Numerics;
using System.Runtime.InteropServices;
using StableRank.Data;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Training;
using StableRank.TrainingProcess;

// A training run that a test can kill: StableRank.TrainingProcess double|single FOLDER. It starts, or resumes from FOLDER's checkpoint,
// says "training K", K being the steps already done, once its first checkpoint is written, and leaves all weights and losses, byte by
// byte, in FOLDER/final.bin.
if (args is not [var precision, var folder])
{
    Console.Error.WriteLine("usage: StableRank.TrainingProcess double|single FOLDER");
    return 2;
}

var schedule = LearningRateSchedule.Cosine(0.01, 200, 1e-4).AfterWarmUp(20);
switch (precision)
{
    case "double":
        Train(new Adam<double>(weightDecay: 1e-3), clipNorm: 0.5);
        return 0;
    case "single":
        Train(new Sgd<float>(nesterov: true), clipNorm: null);
        return 0;
    default:
        Console.Error.WriteLine($"unknown precision '{precision}'; expected double or single");
        return 2;
}

void Train<T>(Optimizer<T> optimizer, double? clipNorm)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    var model = Model.Dense(
        [64, 48, 32, 10], Activation.Tanh, (_, rows, columns) => Ensemble.Gaussian(rows, columns, 1.0 / columns), 0.1, linearOutput: true);
    var network = model.Sample<T>(11);
    var data = TrainingData<T>.Labelled(Digits.Load());
    var options = new TrainingOptions
    {
        Schedule = schedule,
        Epochs = 8,
        BatchSize = 64,
        Seed = 5,
        ClipNorm = clipNorm,
        CheckpointFolder = folder,
        CheckpointInterval = 1,
    };
    var trainer = new Trainer<T>(network, Loss.SoftmaxCrossEntropy, optimizer, options, [new AveragingHook<T>(network)]);
    var announcement = new Announcement();
    var result = Checkpoint.Exists(folder) ? trainer.Resume(data, data, announcement) : trainer.Run(data, data, announcement);

    using var file = File.Create(Path.Combine(folder, "final.bin"));
    foreach (var parameter in network.Parameters)
    {
        file.Write(MemoryMarshal.AsBytes(parameter.Values.AsSpan()));
    }

    file.Write(MemoryMarshal.AsBytes<double>(result.StepLosses.ToArray()));
    file.Write(MemoryMarshal.AsBytes<double>(result.Epochs.Select(epoch => epoch.ValidationLoss!.Value).ToArray()));
}
