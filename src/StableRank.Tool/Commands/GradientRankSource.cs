using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Tool.CommandLine;

namespace StableRank.Tool.Commands;

/// <summary>The architecture that <c>gradient-rank</c> is asked about.</summary>
internal static class GradientRankSource
{
    /// <summary>That of <c>--arch</c> or <c>--widths</c>; null where neither is given.</summary>
    /// <exception cref="UsageException">A value is inadmissible.</exception>
    /// <exception cref="FailureException">There is no such file.</exception>
    public static Model? Load(GradientRankRequest request)
    {
        try
        {
            var model = request.Arch is { } file ? OfFile(file) : request.Widths is { } widths ? OfWidths(request, widths) : null;
            return request.Truncation is { } steps ? Truncated(model, steps) : model;
        }
        catch (OverflowException)
        {
            throw new UsageException(
                $"the network is too large; expected at most {int.MaxValue} entries in a sample and in a layer's output");
        }
    }

    private static Model OfFile(string file) => File.Exists(file)
        ? ModelFile.Load(file)
        : throw new FailureException($"--arch {file}: there is no such file");

    private static Model OfWidths(GradientRankRequest request, int[] widths)
    {
        var depth = widths.Length - 1;
        var activations = Resolve.Activations(request.Activation ?? "relu");
        if (activations.Length != 1 && activations.Length != depth - 1)
        {
            var each = depth > 2 ? $", or {depth - 1}: one a layer but the last" : "";
            throw new UsageException($"--activation has {activations.Length} names; expected one{each}");
        }

        var bias = request.Bias ? 1.0 : 0;
        return new Model(Enumerable.Range(1, depth).Select(Layer));

        LayerSpecification Layer(int l)
        {
            var (rows, columns) = (widths[l], widths[l - 1]);
            var activation = l == depth ? Activation.Linear : activations[activations.Length == 1 ? 0 : l - 1];
            var weights = Ensemble.LeCun(rows, columns);
            return request.Steps is { } steps
                ? new ElmanSpecification(steps, weights, Ensemble.LeCun(rows, rows), activation, bias)
                : new DenseSpecification(weights, activation, bias);
        }
    }

    private static Model Truncated(Model? model, int steps)
    {
        if (model?.Layers.Any(layer => layer is ElmanSpecification) != true)
        {
            throw new UsageException($"--truncation is {steps}; expected a recurrent layer: --steps, or one in the file of --arch");
        }

        return new Model(model.Layers.Select(layer => layer is ElmanSpecification e
            ? new ElmanSpecification(e.Steps, e.Weights, e.RecurrentWeights, e.Activation, e.BiasVariance, steps)
            : layer));
    }
}
