using System.Globalization;
using System.Text.Json;
using StableRank.GradientRank;
using StableRank.Networks;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary>Runs <c>gradient-rank</c>: the bounds, and the measurement where a model's weights are given.</summary>
internal static class GradientRankRun
{
    private const int DefaultBatch = 64;

    /// <summary>Checks what the user gave, bounds and measures.</summary>
    /// <exception cref="UsageException">A value is inadmissible, or options contradict each other.</exception>
    /// <exception cref="FailureException">A file cannot be used.</exception>
    public static GradientRankReport Execute(GradientRankRequest request, CancellationToken cancellation)
    {
        RequireMode(request);
        var weightRanks = WeightRanks(request);
        var model = GradientRankSource.Load(request);
        if (request.Model is not null)
        {
            return request.Dtype == "f32"
                ? GradientRankMeasurement<float>.Execute(request, model, weightRanks, cancellation)
                : GradientRankMeasurement<double>.Execute(request, model, weightRanks, cancellation);
        }

        var assumptions = Assumptions(request, request.Batch ?? DefaultBatch, weightRanks);
        var bounds = Bounds(() => GradientRankBound.Of(model!, assumptions));
        return Report(request, bounds, model!.InputSize, model.OutputSize);
    }

    /// <summary>What the options say, with ranks that are asked to be measured left out.</summary>
    public static RankAssumptions Assumptions(
        GradientRankRequest request, int batch, IReadOnlyDictionary<string, int>? weightRanks) => new()
    {
        Batch = batch,
        DataRank = request.DataRank is null or GradientRankRequest.Measured
            ? null
            : int.Parse(request.DataRank, CultureInfo.InvariantCulture),
        StepDataRank = request.StepDataRank,
        WeightRanks = weightRanks,
        Loss = LossOf(request),
        LossRank = request.LossRank,
        LossSteps = request.LossSteps,
    };

    /// <summary>The loss; null for any.</summary>
    public static Loss? LossOf(GradientRankRequest request) => request.Loss switch
    {
        "mse" => Loss.SquaredError,
        "cross-entropy" => Loss.SoftmaxCrossEntropy,
        _ => null,
    };

    /// <summary>The library's complaints about assumptions, in the names of the options.</summary>
    public static GradientRankBounds Bounds(Func<GradientRankBounds> compute)
    {
        try
        {
            return compute();
        }
        catch (ArgumentException e)
        {
            var message = Messages.Of(e)
                .Replace("StepDataRank and JoinedDataRank are given", "--step-data-rank is given", StringComparison.Ordinal)
                .Replace("StepDataRank is", "--step-data-rank is", StringComparison.Ordinal)
                .Replace("DataRank is", "--data-rank is", StringComparison.Ordinal)
                .Replace("LossRank is", "--loss-rank is", StringComparison.Ordinal)
                .Replace("LossSteps is", "--loss-steps is", StringComparison.Ordinal)
                .Replace("expected null: the", "expected none, as the", StringComparison.Ordinal)
                .Replace("WeightRanks names", "--weight-rank names", StringComparison.Ordinal)
                .Replace("The rank of", "--weight-rank of", StringComparison.Ordinal);
            throw new UsageException(message.TrimEnd('.'));
        }
    }

    /// <summary>The report of bounds without measurements.</summary>
    public static GradientRankReport Report(GradientRankRequest request, GradientRankBounds bounds, int inputSize, int outputSize)
    {
        var assumptions = bounds.Assumptions;
        var shape = Math.Min(inputSize, assumptions.Batch);
        var source = request.DataRank == GradientRankRequest.Measured ? GradientRankRequest.Measured
            : assumptions.DataRank is null ? "shape" : "given";
        return new GradientRankReport(
            request.Arch, request.Model, inputSize, outputSize, assumptions.Batch, Math.Min(assumptions.DataRank ?? shape, shape), source,
            request.Loss, request.LossRank, request.LossSteps, null, null, null, null,
            [.. bounds.Select(bound => Weight(bound, assumptions))], []);
    }

    private static BoundedWeight Weight(LayerRankBound bound, RankAssumptions assumptions) => new(
        bound.Parameter,
        bound.Layer,
        bound.Rows,
        bound.Columns,
        bound.Bound,
        JsonNamingPolicy.KebabCaseLower.ConvertName(bound.Cause.ToString()),
        bound.CauseLayer,
        bound.CauseDescription,
        bound.InputBound,
        bound.SignalBound,
        assumptions.WeightRanks?.TryGetValue(bound.Parameter, out var rank) == true ? rank : null,
        [.. bound.Proof.Select(step => new ProofStep(step.Statement, step.Value, step.Source))],
        [.. bound.Printed.Select(form => new PrintedForm(form.Equation, form.Value, form.IsSound, form.Remark))],
        null);

    private static Dictionary<string, int>? WeightRanks(GradientRankRequest request)
    {
        if (request.WeightRanks is null or GradientRankRequest.Measured)
        {
            return null;
        }

        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var word in request.WeightRanks.Split(','))
        {
            if (word.Split('=') is not [{ Length: > 0 } name, var number]
                || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var rank) || !ranks.TryAdd(name, rank))
            {
                throw new UsageException($"--weight-rank has '{word}'; expected a name and a rank, each name once, such as 2.weight=4, or "
                    + "measured alone");
            }
        }

        return ranks;
    }

    private static void RequireMode(GradientRankRequest request)
    {
        if (request is { Arch: not null, Widths: not null })
        {
            throw new UsageException("--arch and --widths exclude each other; expected one of them");
        }

        if (request is { Arch: null, Widths: null, Model: null })
        {
            throw new UsageException("no network is given; expected --arch, --widths or --model");
        }

        Refuse(request.Widths is null, "--widths", ("--bias", request.Bias), ("--steps", request.Steps is not null));
        Refuse(request.Arch is not null, "--widths or --model alone", ("--activation", request.Activation is not null));
        Refuse(
            request.Model is null, "--model",
            ("--inputs", request.Inputs is not null), ("--targets", request.Targets is not null), ("--dtype", request.Dtype is not null),
            ("--data-rank measured", request.DataRank == GradientRankRequest.Measured),
            ("--weight-rank measured", request.WeightRanks == GradientRankRequest.Measured));
        if (request.Model is null)
        {
            return;
        }

        (string Name, bool Missing)[] needed =
        [
            ("--inputs", request.Inputs is null), ("--targets", request.Targets is null), ("--loss", request.Loss is null),
            ("--activation", request is { Arch: null, Widths: null, Activation: null }),
        ];
        var missing = needed.Where(option => option.Missing).Select(option => option.Name).ToList();
        if (missing.Count > 0)
        {
            throw new UsageException($"--model needs {string.Join(", ", missing)}");
        }

        Resolve.RequireTensorFile(request.Model);
        SampleFile.Require(request.Inputs!);
        SampleFile.Require(request.Targets!);
    }

    private static void Refuse(bool isForeign, string owner, params (string Name, bool IsGiven)[] options)
    {
        if (isForeign && Array.Find(options, option => option.IsGiven).Name is { } stray)
        {
            throw new UsageException($"{stray} belongs to {owner}");
        }
    }
}
