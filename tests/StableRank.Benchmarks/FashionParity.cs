using System.Globalization;
using System.Numerics;
using StableRank.Data;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Training;

namespace StableRank.Benchmarks;

/// <summary>
/// Trains <see cref="FashionTask"/> here and in PyTorch, from the same weights on the same batches, and compares the losses of the first
/// steps and the accuracies on the test part.
/// </summary>
internal static class FashionParity
{
    private const int Epochs = 5;
    private const int Replicates = 8;
    private const double AccuracyTolerance = 0.3;
    private const int Agrees = 0, Differs = 1, NotInstalled = 3;

    private static readonly IReadOnlyDictionary<string, string> ItsOwnLibraries = new Dictionary<string, string>();

    /// <summary>Trains in the precisions asked for, beside PyTorch on each of its libraries, and prints tables with verdicts.</summary>
    /// <returns>0 where all agree, 1 where one does not, 3 where the data or PyTorch are not there.</returns>
    public static int Run(bool inDouble, bool inSingle, TextWriter output)
    {
        if (Find(output) is not { } folder)
        {
            return NotInstalled;
        }

        var training = FashionTask.TryLoad(DataPart.Train, folder)!;
        var test = FashionTask.TryLoad(DataPart.Test, folder)!;
        output.WriteLine(
            $"{Backend.Describe()}; {string.Join('-', FashionTask.Widths)} ReLU, batches of {FashionTask.BatchSize}, {new Adam<double>()}");
        var agree = !inDouble || InDouble(folder, training, test, output);
        agree &= !inSingle || InSingle(folder, training, test, output);
        return agree ? Agrees : Differs;
    }

    /// <summary>
    /// Writes the losses of PyTorch's first steps in double, on its own libraries, which share nothing with ours: the test's reference.
    /// </summary>
    /// <returns>0, or 3 where the data or PyTorch are not there.</returns>
    public static int WriteLosses(string file, TextWriter output)
    {
        if (Find(output) is not { } folder)
        {
            return NotInstalled;
        }

        var samples = FashionMnist.Load(DataPart.Train, folder: folder).Count;
        var peer = FashionPeer.Train<double>(folder, samples, 1, ItsOwnLibraries, steps: FashionTask.ComparedSteps);
        string[] heading =
        [
            $"# Losses of the first {peer.Losses.Count} steps of tests/StableRank.Benchmarks/FashionTask.cs in double, by {peer.Version}.",
            $"# Command, in the repository: ./build.sh bench fashion losses {file}",
        ];
        File.WriteAllLines(file, [.. heading, .. peer.Losses.Select(loss => loss.ToString("R", CultureInfo.InvariantCulture))]);
        output.WriteLine($"{file}: {peer.Losses.Count} losses, {peer.Version}");
        return Agrees;
    }

    /// <summary>The folder of the data, once both are there; null, and a line that says what is missing.</summary>
    private static string? Find(TextWriter output)
    {
        var folder = FashionMnist.Folders.FirstOrDefault(candidate =>
            FashionMnist.TryLoad(DataPart.Train, out _, 1, candidate) && FashionMnist.TryLoad(DataPart.Test, out _, 1, candidate));
        if (folder is null)
        {
            output.WriteLine(
                $"bench fashion: Fashion-MNIST is not in {string.Join(" nor in ", FashionMnist.Folders)}; ./build.sh setup fetches it");
            return null;
        }

        if (!FashionPeer.IsInstalled())
        {
            output.WriteLine("bench fashion: /usr/bin/python3 does not import torch; Debian's package is python3-torch");
            return null;
        }

        return folder;
    }

    /// <summary>One run, held to the losses and to the accuracy.</summary>
    private static bool InDouble(string folder, LabelledData training, LabelledData test, TextWriter output)
    {
        var ours = Train<double>(training, test, 0);
        var agree = true;
        foreach (var (name, variables) in PeerProcess.Libraries())
        {
            var peer = FashionPeer.Train<double>(folder, training.Count, Epochs, variables);
            var points = WriteEpochs($"double, ours and {peer.Version} on {name}", ours, peer.Accuracies, output);
            var losses = FashionTask.LargestDifference(ours.StepLosses, [.. peer.Losses.Take(FashionTask.ComparedSteps)]);
            var (lossesAgree, accuraciesAgree) = (losses <= FashionTask.LossTolerance, Math.Abs(points) <= AccuracyTolerance);
            output.WriteLine(
                Line($"losses of the first {FashionTask.ComparedSteps} steps: {losses:0.0e0} apart at most, relatively; ")
                + Line($"allowed {FashionTask.LossTolerance:0e0}: {Verdict(lossesAgree)}"));
            output.WriteLine(
                Line($"accuracy after {Epochs} epochs: {Math.Abs(points):F2} points apart; ")
                + Line($"allowed {AccuracyTolerance}: {Verdict(accuraciesAgree)}"));
            agree &= lossesAgree && accuraciesAgree;
        }

        return agree;
    }

    /// <summary>
    /// Several runs, held to the mean of their differences with twice its standard error. In single precision any two runs part by more
    /// than rounding within some tens of steps, also two of PyTorch on two libraries (shown beside): one pair of runs says how far such
    /// runs scatter, not whether one side trains better.
    /// </summary>
    private static bool InSingle(string folder, LabelledData training, LabelledData test, TextWriter output)
    {
        var environments = PeerProcess.Libraries().ToArray();
        var differences = new double[Replicates];
        for (var replicate = 0; replicate < Replicates; replicate++)
        {
            var ours = Train<float>(training, test, replicate);
            var peers = environments.Take(replicate == 0 ? environments.Length : 1)
                .Select(environment => FashionPeer.Train<float>(folder, training.Count, Epochs, environment.Variables, replicate))
                .ToArray();
            if (replicate == 0)
            {
                WriteFirst(ours, [.. environments.Zip(peers, (environment, peer) => (environment.Name, peer))], output);
                output.WriteLine();
                output.WriteLine(
                    $"single, after {Epochs} epochs from {Replicates} initial weights and shuffles, PyTorch on {environments[0].Name}");
                WriteHeading("replicate", output);
            }

            var (mine, theirs) = (ours.Epochs[^1].ValidationAccuracy!.Value, peers[0].Accuracies[^1]);
            differences[replicate] = Points(mine, theirs);
            WriteRow(replicate, mine, theirs, output);
        }

        var mean = differences.Average();
        var standardError = Math.Sqrt(
            differences.Sum(difference => (difference - mean) * (difference - mean)) / (Replicates - 1) / Replicates);
        var agrees = Math.Abs(mean) + (2 * standardError) <= AccuracyTolerance;
        output.WriteLine(
            Line($"mean difference {mean:+0.00;-0.00;0.00} points, standard error {standardError:F2}; ")
            + Line($"|mean| + 2 standard errors allowed {AccuracyTolerance}: {Verdict(agrees)}"));
        return agrees;
    }

    /// <summary>The first run in single: epoch by epoch, when it parts from PyTorch's, and when PyTorch's part from each other.</summary>
    private static void WriteFirst(TrainingResult ours, (string Name, FashionPeerResult Result)[] peers, TextWriter output)
    {
        foreach (var (name, peer) in peers)
        {
            WriteEpochs($"single, ours and {peer.Version} on {name}", ours, peer.Accuracies, output);
            output.WriteLine(Line($"losses {FashionTask.LossTolerance:0e0} apart, relatively, ")
                + Line($"after {SharedSteps(ours.StepLosses, peer.Losses)} steps"));
        }

        if (peers is [var (_, first), var (_, second)])
        {
            var points = Math.Abs(Points(first.Accuracies[^1], second.Accuracies[^1]));
            output.WriteLine(Line($"PyTorch's on the one and on the other: after {SharedSteps(first.Losses, second.Losses)} steps; ")
                + Line($"accuracy after {Epochs} epochs {points:F2} points apart"));
        }
    }

    private static TrainingResult Train<T>(LabelledData training, LabelledData test, int replicate)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var options = FashionTask.Options(Epochs, replicate);
        var trainer = new Trainer<T>(FashionTask.Network<T>(replicate), Loss.SoftmaxCrossEntropy, new Adam<T>(), options);
        return trainer.Run(FashionTask.Data<T>(training), FashionTask.Data<T>(test));
    }

    /// <summary>Writes the accuracies after each epoch and returns the last difference, in points.</summary>
    private static double WriteEpochs(string title, TrainingResult ours, IReadOnlyList<double> theirs, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine(title);
        WriteHeading("epoch", output);
        foreach (var (epoch, theirAccuracy) in ours.Epochs.Zip(theirs))
        {
            WriteRow(epoch.Epoch, epoch.ValidationAccuracy!.Value, theirAccuracy, output);
        }

        return Points(ours.Epochs[^1].ValidationAccuracy!.Value, theirs[^1]);
    }

    private static void WriteHeading(string first, TextWriter output)
    {
        output.WriteLine($"| {first} | accuracy, ours | accuracy, PyTorch | difference, points |");
        output.WriteLine("|---|---|---|---|");
    }

    private static void WriteRow(int number, double ours, double theirs, TextWriter output) =>
        output.WriteLine(Line($"| {number} | {100 * ours:F2} % | {100 * theirs:F2} % | {Points(ours, theirs):+0.00;-0.00;0.00} |"));

    private static double Points(double ours, double theirs) => 100 * (ours - theirs);

    /// <summary>Steps before the first whose losses differ by more than the tolerance.</summary>
    private static int SharedSteps(IReadOnlyList<double> ours, IReadOnlyList<double> theirs) =>
        ours.Zip(theirs).TakeWhile(pair => Math.Abs(pair.First - pair.Second) <= FashionTask.LossTolerance * pair.Second).Count();

    private static string Verdict(bool agrees) => agrees ? "AGREES" : "DIFFERS";

    private static string Line(FormattableString line) => FormattableString.Invariant(line);
}
