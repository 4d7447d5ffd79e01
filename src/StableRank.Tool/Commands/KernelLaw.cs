using StableRank.Networks;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary>The model that the limit kernels of <c>ntk</c> and <c>nngp</c> are of.</summary>
/// <param name="Model">Dense layers, the last one linear.</param>
/// <param name="Weights">The law of the weights in words.</param>
/// <param name="BiasVariance">The variance of every bias.</param>
internal sealed record KernelLaw(Model Model, string Weights, double BiasVariance)
{
    private const string DefaultFamily = "flat";
    private const string Laws = "--stable-rank, --gain or --sigma-w2";

    /// <exception cref="UsageException">A value is inadmissible, or the options contradict each other.</exception>
    public static KernelLaw Of(KernelRequest request)
    {
        var widths = request.Widths ?? throw new UsageException("--limit needs --widths: the input's width and then one width a layer");
        var depth = widths.Length - 1;
        RequireOneLaw(request);
        var activations = Resolve.Activations(request.Activation);
        if (activations.Length != 1 && activations.Length != depth - 1)
        {
            throw new UsageException($"--activation has {activations.Length} names; expected one, or {depth - 1}: one a layer of --widths "
                + "but the last, which is linear");
        }

        var biasVariance = request.BiasVariance ?? 0;
        RequirePositive("--sigma-b2", biasVariance, orZero: true);
        var (words, law) = request.StableRanks is { } ranks ? OfRanks(request, ranks, activations, depth) : OfVariance(request);
        var model = new Model(Enumerable.Range(1, depth).Select(l => new DenseSpecification(
            law(l, widths[l], widths[l - 1]),
            l == depth ? Activation.Linear : activations[activations.Length == 1 ? 0 : l - 1],
            biasVariance)));
        var biases = biasVariance == 0 ? "" : $", bias variance {NumberFormat.Exact(biasVariance)}";
        return new KernelLaw(model, words + biases, biasVariance);
    }

    private static (string Words, EnsembleFactory Law) OfRanks(
        KernelRequest request, double[] ranks, Activation[] activations, int depth)
    {
        if (ranks.Length != 1 && ranks.Length != depth)
        {
            throw new UsageException($"--stable-rank has {ranks.Length} numbers; expected one, or {depth}: one a layer of --widths");
        }

        var family = Resolve.Family(request.Family ?? DefaultFamily);
        var defaults = activations.Select(PropagateRun.DefaultScale).Distinct().ToList();
        var scaleText = request.Scale ?? (defaults.Count == 1
            ? defaults[0]
            : throw new UsageException($"missing --scale: for {request.Activation} it would be {string.Join(" and ", defaults)}"));
        var scale = Resolve.Scale(scaleText);
        return (
            $"stable rank {string.Join(", ", ranks.Select(NumberFormat.Exact))}, family {family.Name}, scale {scaleText}",
            (l, rows, columns) => Resolve.Ensemble(
                rows, columns, ranks[ranks.Length == 1 ? 0 : l - 1], family, scale, $" of layer {l}"));
    }

    private static (string Words, EnsembleFactory Law) OfVariance(KernelRequest request)
    {
        var (option, words, value) = request.Gain is { } gain
            ? ("--gain", "weights of gain", gain)
            : ("--sigma-w2", "independent weights of variance 1/n times", request.WeightVariance!.Value);
        RequirePositive(option, value);
        return ($"{words} {NumberFormat.Exact(value)}", (_, rows, columns) => Resolve.Gaussian(rows, columns, value, option));
    }

    private static void RequireOneLaw(KernelRequest request)
    {
        (string Name, bool Given)[] laws =
        [
            ("--stable-rank", request.StableRanks is not null),
            ("--gain", request.Gain is not null),
            ("--sigma-w2", request.WeightVariance is not null),
        ];
        var given = laws.Where(law => law.Given).Select(law => law.Name).ToList();
        if (given.Count != 1)
        {
            throw new UsageException(given.Count == 0
                ? $"--limit needs the law of the weights; expected one of {Laws}"
                : $"{string.Join(" and ", given)} exclude each other; expected one of {Laws}");
        }

        var ranks = request.StableRanks is not null;
        var stray = request.Family is { } family && !ranks ? $"--family {family}"
            : request.Scale is { } scale && !ranks ? $"--scale {scale}"
            : null;
        if (stray is not null)
        {
            throw new UsageException($"{stray} belongs to --stable-rank, not to {given[0]}, which sets the scale itself");
        }
    }

    private static void RequirePositive(string option, double value, bool orZero = false)
    {
        if (!double.IsFinite(value) || value < 0 || (value == 0 && !orZero))
        {
            throw new UsageException(
                $"{option} is {NumberFormat.Exact(value)}; expected a {(orZero ? "number from 0" : "positive number")}");
        }
    }
}
