using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Propagation;
using StableRank.Replication;
using StableRank.Spectra;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;

namespace StableRank.Tool.Commands;

/// <summary>A checked request of <c>propagate</c>: the model and its inputs, ready to run.</summary>
internal sealed class PropagateRun
{
    /// <summary>
    /// The relative standard error of a mean of positive numbers above which a few of them carry it: at 0.2, fewer than 1/0.2^2 = 25.
    /// </summary>
    private const double LargestReliableError = 0.2;

    private readonly PropagateRequest _request;
    private readonly Activation _activation;
    private readonly SpectralFamily _family;
    private readonly string _scale;
    private readonly StableRankEnsemble[] _layers;
    private readonly Model _model;
    private readonly InputSource _inputs;

    private PropagateRun(
        PropagateRequest request, Activation activation, SpectralFamily family, string scale, StableRankEnsemble[] layers,
        InputSource inputs)
    {
        _request = request;
        _activation = activation;
        _family = family;
        _scale = scale;
        _layers = layers;
        _model = new Model(layers.Select(l => new DenseSpecification(l, activation)));
        _inputs = inputs;
    }

    /// <summary>Checks everything that the user gave, the inputs' file last.</summary>
    /// <exception cref="UsageException">A value is inadmissible.</exception>
    /// <exception cref="FailureException">The inputs cannot be had from the file.</exception>
    public static PropagateRun Prepare(PropagateRequest request)
    {
        var depth = request.Widths.Length - 1;
        if (request.StableRanks.Length != 1 && request.StableRanks.Length != depth)
        {
            throw new UsageException(
                $"--stable-rank has {request.StableRanks.Length} numbers; expected one, or {depth}: one a layer of --widths");
        }

        var activation = Resolve.Activation(request.Activation);
        var family = Resolve.Family(request.Family);
        var scaleText = request.Scale ?? DefaultScale(activation);
        var scale = Resolve.Scale(scaleText);
        var layers = Enumerable.Range(0, depth)
            .Select(l => Resolve.Ensemble(
                request.Widths[l + 1],
                request.Widths[l],
                request.StableRanks[request.StableRanks.Length == 1 ? 0 : l],
                family,
                scale,
                $" of layer {l + 1}"))
            .ToArray();
        var width = request.Widths[0];
        if (request.Inputs is null)
        {
            var source = InputSource.Default(width, request.InputCount ?? InputSource.DefaultCount, request.Seed);
            return new PropagateRun(request, activation, family, scaleText, layers, source);
        }

        SampleFile.Require(request.Inputs);
        var inputs = InputSource.FromFile(request.Inputs, width, request.InputCount);
        return new PropagateRun(request, activation, family, scaleText, layers, inputs);
    }

    /// <summary>Draws the networks and measures; <paramref name="progress"/> is told the fraction done.</summary>
    public PropagateReport Execute(Action<double> progress, CancellationToken cancellation)
    {
        var exact = ExactPropagation.TryOf(_model, out var predictions, out var reason);
        var measured = MonteCarloPropagation.Run(
            _model,
            _inputs.Inputs,
            _request.Samples,
            _request.Seed,
            progress: new FractionDone(progress),
            cancellationToken: cancellation);
        var notes = measured.Warnings.ToList();
        if (!exact)
        {
            notes.Add($"no prediction: {reason}");
        }

        if (measured.Layers.FirstOrDefault(l => !double.IsFinite(l.SecondMoment.Mean) || l.SecondMoment.Mean == 0) is { } extreme)
        {
            notes.Add($"from layer {extreme.Layer} on the mean of |x|^2 is beyond the range of double: compare the logarithms");
        }

        return new PropagateReport(
            _activation.Name,
            measured.Replicates,
            measured.Inputs,
            _inputs.Name,
            _inputs.MeanSquare,
            _family.Name,
            _scale,
            _request.Seed,
            BackendNames.Current,
            [.. measured.Layers.Select((layer, l) => Combine(layer, exact ? predictions![l] : null, _layers[l]))],
            notes);
    }

    /// <summary>The variance-preserving scale of an activation; of those that theory (2.3) does not name, its nearest kin's.</summary>
    public static string DefaultScale(Activation activation)
    {
        if (activation.IsPiecewiseLinear(out var slope))
        {
            // the name of an activation of slope 1 or -1 need not be that of a scale, and its mean square is that of the linear one
            return Math.Abs(slope) == 1 ? "linear" : activation.Name;
        }

        return activation.Name is "gelu" or "silu" or "softplus" ? "relu" : "linear";
    }

    private PropagatedLayer Combine(LayerMeasurement measured, LayerPrediction? predicted, StableRankEnsemble ensemble)
    {
        var meanSquare = measured.SecondMoment;
        var relativeError = Finite(predicted?.RelativeStandardDeviation / Math.Sqrt(_request.Samples));
        var exactMean = Finite(predicted?.SecondMoment);
        var exactLog = Finite(predicted?.ExpectedLog);
        return new PropagatedLayer(
            measured.Layer,
            measured.Rows,
            measured.Columns,
            ensemble.StableRank,
            ensemble.Moments.ParticipationRank,
            exactMean,
            Finite(meanSquare.Mean),
            Finite(meanSquare.StandardError),
            // A mean beyond the range of double, or below it, deviates from nothing.
            exactMean is > 0 and { } mean ? Finite(meanSquare.DeviationsFrom(mean)) : null,
            Finite(exactMean * relativeError),
            // The standard error of the logarithm is that of the mean relative to it.
            Math.Max(relativeError ?? 0, measured.LogSecondMoment.StandardError) <= LargestReliableError,
            exactLog,
            Finite(measured.ExpectedLog.Mean),
            Finite(measured.ExpectedLog.StandardError),
            exactLog is { } log ? Finite(measured.ExpectedLog.DeviationsFrom(log)) : null);
    }

    private static double? Finite(double? value) => value is { } x ? NumberFormat.FiniteOrNull(x) : null;

    /// <summary>Passes on the fraction done at once, on the thread that reports it.</summary>
    private sealed class FractionDone(Action<double> report) : IProgress<ReplicationProgress>
    {
        public void Report(ReplicationProgress value) => report((double)value.Completed / value.Total);
    }
}
