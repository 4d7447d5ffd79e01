using System.Globalization;
using System.Numerics;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Training;

/// <summary>What determines the course of a run, setting by setting, in words that can be compared and shown.</summary>
internal static class RunConfiguration
{
    private const string None = "none";

    public static Dictionary<string, string> Of<T>(
        (Network<T> Network, Loss Loss, Optimizer<T> Optimizer, IReadOnlyList<TrainingHook<T>> Hooks) parts,
        TrainingOptions options,
        TrainingData<T> training,
        TrainingData<T>? validation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => new()
        {
            ["precision"] = typeof(T).Name,
            ["network"] = string.Join(
                ", ", parts.Network.Layers.Select(Describe)),
            ["parameters"] = string.Join(", ", parts.Network.Parameters),
            ["loss"] = parts.Loss.Name,
            ["optimizer"] = parts.Optimizer.ToString(),
            ["schedule"] = options.Schedule.ToString(),
            ["batch size"] = options.BatchSize.ToString(CultureInfo.InvariantCulture),
            ["seed"] = options.Seed.ToString(CultureInfo.InvariantCulture),
            ["clip norm"] = options.ClipNorm?.ToString("R", CultureInfo.InvariantCulture) ?? None,
            ["early stop"] = options.EarlyStop is { } stop
                ? string.Create(CultureInfo.InvariantCulture, $"patience {stop.Patience}, improvement {stop.MinimumImprovement:R}")
                : None,
            ["hooks"] = string.Join(", ", parts.Hooks.Select(hook => hook.Configuration).OfType<string>().DefaultIfEmpty(None)),
            ["training data"] = training.Fingerprint(),
            ["validation data"] = validation?.Fingerprint() ?? None,
        };

    private static string Describe<T>(Layer<T> layer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var kind = layer switch
        {
            DenseLayer<T> => "dense",
            PooledDenseLayer<T> pooled => string.Create(CultureInfo.InvariantCulture, $"pooled dense over {pooled.Positions} positions"),
            ConvolutionLayer<T> convolution => $"convolution {convolution.Shape}",
            ElmanLayer<T> recurrent => string.Create(
                CultureInfo.InvariantCulture, $"recurrent {recurrent.Steps} steps, truncation {recurrent.Truncation?.ToString() ?? None}"),
            _ => throw new NotSupportedException($"A layer of type {layer.GetType()} has no description for checkpoints."),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{kind} {layer.InputSize} to {layer.OutputSize} {layer.Activation}");
    }

    /// <summary>What bits depend on beside the configuration.</summary>
    public static string Environment()
    {
        var backend = Backend.Describe();
        return $"{backend.Kind} {backend.Version}, {backend.Threads} threads, {Vector<byte>.Count * 8}-bit vectors";
    }
}
