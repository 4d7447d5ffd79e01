using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using StableRank.Data;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Benchmarks;

/// <summary>What PyTorch came to on <see cref="FashionTask"/>.</summary>
/// <param name="Losses">The loss of each step's batch, before the step.</param>
/// <param name="Accuracies">The share of test samples classified rightly after each whole epoch.</param>
/// <param name="Version">PyTorch's own name for itself.</param>
internal sealed record FashionPeerResult(IReadOnlyList<double> Losses, IReadOnlyList<double> Accuracies, string Version);

/// <summary>PyTorch on <see cref="FashionTask"/>: peers/fashion_parity.py with the files that it reads and writes.</summary>
internal static class FashionPeer
{
    private const string Python = "/usr/bin/python3";

    /// <summary>Whether Python with PyTorch is there.</summary>
    public static bool IsInstalled()
    {
        try
        {
            return Run(["-c", "import torch"], new Dictionary<string, string>()).ExitCode == 0;
        }
        catch (Win32Exception)
        {
            // no Python
            return false;
        }
    }

    /// <summary>Trains in PyTorch from the task's own weights and batches.</summary>
    /// <param name="data">The folder of the IDX files.</param>
    /// <param name="samples">The number of training samples.</param>
    /// <param name="epochs">How many epochs.</param>
    /// <param name="environment">Variables for its process.</param>
    /// <param name="replicate">Which of the task's weights and shuffles.</param>
    /// <param name="steps">Ends after so many steps; null for none but the epochs' end.</param>
    /// <exception cref="InvalidOperationException">The script failed; the message has what it wrote.</exception>
    public static FashionPeerResult Train<T>(
        string data, int samples, int epochs, IReadOnlyDictionary<string, string> environment, int replicate = 0, int? steps = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var folder = Directory.CreateTempSubdirectory("stablerank-fashion-");
        try
        {
            var problem = Path.Combine(folder.FullName, "problem.npz");
            var weights = Path.Combine(folder.FullName, "weights.npz");
            var result = Path.Combine(folder.FullName, "result.npz");
            WriteProblem(problem, samples, epochs, replicate);
            NetworkWeights.Save(FashionTask.Network<T>(replicate), weights);
            string[] limit = steps is { } count ? [count.ToString(CultureInfo.InvariantCulture)] : [];
            var (exitCode, output, error) = Run(
                [
                    Path.Combine(AppContext.BaseDirectory, "peers", "fashion_parity.py"),
                    problem, weights, data, result, typeof(T) == typeof(double) ? "double" : "single", .. limit,
                ],
                environment);
            if (exitCode != 0)
            {
                throw new InvalidOperationException($"fashion_parity.py ended with {exitCode}: {output}{error}");
            }

            using var archive = Npz.Open(result);
            return new FashionPeerResult(
                archive.Read<double>("losses").AsSpan().ToArray(),
                archive.Read<double>("accuracies").AsSpan().ToArray(),
                output.Trim());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void WriteProblem(string path, int samples, int epochs, int replicate)
    {
        var order = new double[checked(samples * epochs)];
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            var row = order.AsSpan(epoch * samples, samples);
            var indices = FashionTask.Order(epoch, samples, replicate);
            for (var i = 0; i < samples; i++)
            {
                row[i] = indices[i];
            }
        }

        Npz.Write(path, writer =>
        {
            double[] widths = [.. FashionTask.Widths];
            writer.Add("widths", new NumericArray<double>([widths.Length], widths));
            writer.Add("batch", new NumericArray<double>([], [FashionTask.BatchSize]));
            writer.Add("rate", new NumericArray<double>([], [FashionTask.Rate]));
            writer.Add("order", new NumericArray<double>([epochs, samples], order));
        });
    }

    private static (int ExitCode, string Output, string Error) Run(string[] arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(Python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in new[] { "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS" })
        {
            start.Environment[name] = Backend.Threads.ToString(CultureInfo.InvariantCulture);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{Python} did not start");
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
