using System.Diagnostics;
using System.Numerics;
using StableRank.Ensembles;
using StableRank.Networks;
using StableRank.Spectra;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;
using StableRank.Training;

namespace StableRank.Tool.Commands;

/// <summary>A checked request of <c>train</c>: model, data and optimiser, ready to run.</summary>
internal sealed class TrainRun
{
    public const string Double = "f64";
    public const string Single = "f32";
    private const int DefaultBatch = 128;

    /// <summary>Weights, gradients and the copy of the weights for divergence: what every run holds at the least.</summary>
    private const int LeastCopies = 3;

    private readonly TrainRequest _request;
    private readonly TrainOptimizer _optimizer;
    private readonly TrainStart _start;
    private readonly TrainHold? _hold;
    private readonly TrainSource _source;
    private readonly TrainingOptions _options;

    private TrainRun(
        TrainRequest request, TrainStart start, TrainHold? hold, TrainOptimizer optimizer, TrainSource source, TrainingOptions options) =>
        (_request, _start, _hold, _optimizer, _source, _options) = (request, start, hold, optimizer, source, options);

    /// <summary>Checks everything that the user gave, the data last.</summary>
    /// <exception cref="UsageException">A value is inadmissible.</exception>
    /// <exception cref="FailureException">A file or a folder cannot be used.</exception>
    public static TrainRun Prepare(TrainRequest request)
    {
        var optimizer = TrainOptimizer.Of(request.Optimizer, request.LearningRate, request.Momentum);
        var rate = TrainRate.Parse(request.Schedule);
        var hold = TrainHold.Parse(request.Hold, request.StableRanks is not null);
        var start = TrainStart.Of(request);
        RequirePlaces(request);
        TrainSource.Require(request.Data, request.Widths);
        var bytes = LeastCopies * (request.Dtype == Double ? 8.0 : 4.0)
            * Enumerable.Range(1, request.Widths.Length - 1).Sum(l => (double)request.Widths[l] * request.Widths[l - 1]);
        MemoryGuard.Require("training this network", bytes);

        var source = TrainSource.Load(request.Data, request.Widths, request.Seed);
        var samples = source.Training.Count;
        var batch = Math.Min(request.Batch ?? (optimizer.Name == TrainOptimizer.GradientDescent ? samples : DefaultBatch), samples);
        var stepsPerEpoch = ((samples - 1L) / batch) + 1;
        var options = new TrainingOptions
        {
            Schedule = rate.Over(optimizer.LearningRate, request.Epochs * stepsPerEpoch, stepsPerEpoch),
            Epochs = request.Epochs,
            BatchSize = batch,
            Seed = request.Seed,
            CheckpointFolder = request.Checkpoint,
        };
        return new TrainRun(request, start, hold, optimizer, source, options);
    }

    /// <summary>Trains; <paramref name="progress"/> is told the fraction done and where the run is.</summary>
    /// <exception cref="TrainingCancelledException">The token was cancelled.</exception>
    public TrainReport Execute(Action<double, string> progress, CancellationToken cancellation) => _request.Dtype == Single
        ? Execute<float>(progress, cancellation)
        : Execute<double>(progress, cancellation);

    private TrainReport Execute<T>(Action<double, string> progress, CancellationToken cancellation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (training, validation) = (TrainingData<T>.Labelled(_source.Training), TrainingData<T>.Labelled(_source.Validation));
        var network = _start.Draw<T>(_request.Seed);
        var before = StableRanks(network);
        var watch = _hold is null ? null : new HoldWatch<T>(_hold.Create(network, _start.StableRanks, before));
        var trainer = new Trainer<T>(
            network, Loss.SoftmaxCrossEntropy, _optimizer.Create<T>(), _options, watch is null ? [] : [watch.Constraint, watch]);
        var told = new TrainProgressText(progress);
        var clock = Stopwatch.StartNew();
        var result = _request.Resume
            ? trainer.Resume(training, validation, told, cancellation)
            : trainer.Run(training, validation, told, cancellation);
        var seconds = clock.Elapsed.TotalSeconds;
        if (result.Outcome == TrainingOutcome.Cancelled)
        {
            throw new TrainingCancelledException(result.Steps, _request.Checkpoint);
        }

        var diverged = result.Divergence;
        if (_request.Out is { } file && diverged is null)
        {
            NetworkWeights.Save(network, file);
        }

        return Report(result, seconds, [.. Layers(network, before, watch)]);
    }

    private TrainReport Report(TrainingResult result, double seconds, IReadOnlyList<TrainedLayer> layers)
    {
        var last = result.Epochs.Count > 0 ? result.Epochs[^1] : null;
        return new TrainReport(
            _request.Data,
            _source.Training.Count,
            _source.Validation.Count,
            _start.Activation.Name,
            _start.Family,
            _start.Scale,
            _request.Bias,
            _request.Hold,
            _optimizer.Name,
            _optimizer.LearningRate,
            _optimizer.Momentum,
            _request.Schedule,
            _options.BatchSize,
            _request.Dtype,
            _request.Seed,
            BackendNames.Current,
            result.Epochs.Count,
            result.Steps,
            last?.TrainingLoss,
            last?.TrainingAccuracy,
            last?.ValidationLoss,
            last?.ValidationAccuracy,
            seconds,
            result.Divergence is { } place ? new TrainDivergence(place.Step, place.Layer, place.ToString()) : null,
            result.Divergence is null ? _request.Out : null,
            _request.Checkpoint,
            layers,
            [.. result.Epochs.Select(e => new TrainedEpoch(
                e.Epoch, e.Steps, e.TrainingLoss, e.TrainingAccuracy, e.ValidationLoss, e.ValidationAccuracy))],
            result.Warnings);
    }

    private IEnumerable<TrainedLayer> Layers<T>(Network<T> network, double?[] before, HoldWatch<T>? watch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var after = StableRanks(network);
        return network.Parameters.Where(p => p.IsWeight).Select((p, l) => new TrainedLayer(
            l + 1, p.Name, p.Rows, p.Columns, before[l], after[l], watch is null ? null : _hold!.Report(watch, l)));
    }

    private static double?[] StableRanks<T>(Network<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        [.. network.Parameters.Where(p => p.IsWeight).Select(p => Spectrum.Of(p.Matrix.Map(double.CreateChecked)))
            .Select(spectrum => spectrum.SpectralNorm > 0 ? spectrum.StableRank : (double?)null)];

    private static void RequirePlaces(TrainRequest request)
    {
        Resolve.RequireFolderOf(request.Out);
        if (request.Checkpoint is not { } folder)
        {
            if (request.Resume)
            {
                throw new UsageException("--resume needs --checkpoint DIR, the folder of the run to continue");
            }

            return;
        }

        if (folder.Length == 0)
        {
            throw new UsageException("--checkpoint is ''; expected the name of a folder");
        }

        if (File.Exists(folder))
        {
            throw new FailureException($"--checkpoint {folder} is a file; expected a folder");
        }

        if (request.Resume != Checkpoint.Exists(folder))
        {
            throw new FailureException(request.Resume
                ? $"--resume: {folder} has no checkpoint"
                : $"--checkpoint {folder} has a checkpoint already; continue it with --resume or give another folder");
        }
    }
}
