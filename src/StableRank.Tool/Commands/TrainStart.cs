using System.Numerics;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Tool.CommandLine;

namespace StableRank.Tool.Commands;

/// <summary>The network that a run of <c>train</c> starts from: its shape and the laws of its weights.</summary>
/// <param name="Model">The layers, the last one linear; without biases.</param>
/// <param name="Activation">Of every layer but the last.</param>
/// <param name="Family">The family of the spectra; null for Gaussian weights.</param>
/// <param name="Scale">The scale convention.</param>
/// <param name="StableRanks">The stable rank of every layer's weights; null for Gaussian weights.</param>
/// <param name="HasBias">Whether every layer has biases, which start at zero.</param>
internal sealed record TrainStart(
    Model Model, Activation Activation, string? Family, string Scale, IReadOnlyList<double>? StableRanks, bool HasBias)
{
    private const string DefaultFamily = "flat";

    /// <exception cref="UsageException">A value is inadmissible.</exception>
    public static TrainStart Of(TrainRequest request)
    {
        var depth = request.Widths.Length - 1;
        if (request.StableRanks is { } given && given.Length != 1 && given.Length != depth)
        {
            throw new UsageException($"--stable-rank has {given.Length} numbers; expected one, or {depth}: one a layer of --widths");
        }

        if (request is { StableRanks: null, Family: { } unused })
        {
            throw new UsageException($"--family {unused} needs --stable-rank; expected neither or both: without, the weights are Gaussian");
        }

        var activation = Resolve.Activation(request.Activation);
        var family = request.StableRanks is null ? null : request.Family ?? DefaultFamily;
        var scaleText = request.Scale ?? PropagateRun.DefaultScale(activation);
        var ranks = request.StableRanks is [var one] ? [.. Enumerable.Repeat(one, depth)] : request.StableRanks;
        var model = Model.Dense(request.Widths, activation, Law(family, Resolve.Scale(scaleText), ranks), linearOutput: true);
        return new TrainStart(model, activation, family, scaleText, ranks, request.Bias);
    }

    /// <summary>The network of a seed: the same weights with biases as without.</summary>
    public Network<T> Draw<T>(ulong seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var network = Model.Sample<T>(seed);
        return HasBias ? new Network<T>(network.Layers.Select(WithBias)) : network;

        static DenseLayer<T> WithBias(Layer<T> layer) =>
            new(layer.Parameters[0].Matrix, MathNet.Numerics.LinearAlgebra.Vector<T>.Build.Dense(layer.OutputSize), layer.Activation);
    }

    private static EnsembleFactory Law(string? familyName, ScaleConvention scale, double[]? ranks)
    {
        if (familyName is null || ranks is null)
        {
            return (l, rows, columns) => Resolve.Gaussian(rows, columns, scale, $" of layer {l}");
        }

        var family = Resolve.Family(familyName);
        return (l, rows, columns) => Resolve.Ensemble(rows, columns, ranks[l - 1], family, scale, $" of layer {l}");
    }
}
