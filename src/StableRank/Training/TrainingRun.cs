using System.Numerics;
using StableRank.Networks;

namespace StableRank.Training;

/// <summary>One run of a trainer, from its start or from a checkpoint to its end.</summary>
internal sealed class TrainingRun<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Trainer<T> _trainer;
    private readonly TrainingData<T> _training;
    private readonly TrainingData<T>? _validation;
    private readonly IReadOnlyList<Parameter<T>> _parameters;
    private readonly TrainingHook<T>[] _hooks;
    private readonly BatchPool<T> _batches;
    private readonly EpochOrder _order;
    private readonly DivergenceSearch<T> _search;
    private readonly int _batchSize;
    private readonly int _stepsPerEpoch;
    private readonly List<string> _warnings = [];
    private readonly Dictionary<string, string>? _configuration;
    private readonly NamedArray<T>[] _arrays;
    private readonly StateCopy<T> _goodState;
    private readonly GradientDescent<T>? _descent;
    private readonly bool _gradientsRead;
    private long _goodStep = -1;
    private long _firstStep;
    private RunState _state = new();
    private Divergence? _divergence;

    public TrainingRun(Trainer<T> trainer, TrainingData<T> training, TrainingData<T>? validation)
    {
        ArgumentNullException.ThrowIfNull(training);
        training.RequireFit(trainer.Network.InputSize, trainer.Network.OutputSize, nameof(training));
        validation?.RequireFit(trainer.Network.InputSize, trainer.Network.OutputSize, nameof(validation));
        (_trainer, _training, _validation) = (trainer, training, validation);
        _parameters = trainer.Network.Parameters;
        _hooks = [.. trainer.Hooks];
        _batches = new BatchPool<T>(trainer.Network, trainer.Loss);
        _gradientsRead = _hooks.Any(hook => hook.GradientUse != GradientUse.None);
        _descent = trainer.Options.ClipNorm is null && _hooks.All(hook => hook.GradientUse != GradientUse.Change)
            ? trainer.Optimizer as GradientDescent<T>
            : null;
        _order = new EpochOrder(trainer.Options.Seed, training.Count);
        _search = new DivergenceSearch<T>(trainer.Network);
        _batchSize = Math.Min(trainer.Options.BatchSize, training.Count);
        _stepsPerEpoch = ((training.Count - 1) / _batchSize) + 1;
        trainer.Optimizer.Bind(_parameters);
        _goodState = new StateCopy<T>(_parameters, trainer.Optimizer, _hooks);
        _arrays =
        [
            .. _parameters.Select(parameter => new NamedArray<T>($"parameter/{parameter.Name}", parameter.Values)),
            .. trainer.Optimizer.State.Select(array => array with { Name = $"optimizer/{array.Name}" }),
            .. _hooks.SelectMany((hook, i) => hook.State.Select(array => array with { Name = $"hook/{i}/{array.Name}" })),
        ];
        if (trainer.Options.CheckpointFolder is { } folder)
        {
            Checkpoint.Prepare(folder);
            _configuration = RunConfiguration.Of(
                (trainer.Network, trainer.Loss, trainer.Optimizer, _hooks), trainer.Options, training, validation);
        }
    }

    private TrainingOptions Options => _trainer.Options;

    private long TotalSteps => (long)Options.Epochs * _stepsPerEpoch;

    /// <summary>Puts everything where the checkpoint left it.</summary>
    public void Load()
    {
        var folder = Options.CheckpointFolder
            ?? throw new InvalidOperationException("There is no CheckpointFolder to resume from; expected one in the options.");
        var header = Checkpoint.ReadHeader(folder);
        header.RequireConfiguration(_configuration!, folder);
        if (header.Environment != RunConfiguration.Environment())
        {
            _warnings.Add(
                $"The checkpoint was made on {header.Environment}; on {RunConfiguration.Environment()} the run continues the same to "
                + "rounding only.");
        }

        Checkpoint.ReadArrays(folder, header, _arrays);
        _state = header.State;
        _firstStep = _state.Step;
        _trainer.Optimizer.Rewind(_state.OptimizerSteps);
    }

    public TrainingResult Execute(IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var outcome = _state.Outcome;
        if (outcome == TrainingOutcome.Completed && _state.Step < TotalSteps)
        {
            outcome = null;
        }

        if (outcome is null)
        {
            _goodState.Keep();
            _state.StepLosses.EnsureCapacity((int)Math.Min(TotalSteps, 1 << 24));
            outcome = Loop(progress, cancellation);
            _state.Outcome = outcome == TrainingOutcome.Cancelled ? null : outcome;
            if (outcome != TrainingOutcome.Diverged)
            {
                Save();
            }
        }

        return new TrainingResult(
            outcome.Value, _state.Step, [.. _state.StepLosses], [.. _state.Epochs], _divergence, [.. _warnings]);
    }

    private TrainingOutcome Loop(IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        while (_state.Step < TotalSteps)
        {
            if (cancellation.IsCancellationRequested)
            {
                return TrainingOutcome.Cancelled;
            }

            var epoch = (int)(_state.Step / _stepsPerEpoch);
            var epochEnds = (_state.Step + 1) % _stepsPerEpoch == 0;
            var outcome = Step(epoch) ? (epochEnds ? EndEpoch(epoch) : OutcomeOfHooks()) : TrainingOutcome.Diverged;
            if (outcome == TrainingOutcome.Diverged)
            {
                return TrainingOutcome.Diverged;
            }

            var last = _state.Epochs.Count > 0 ? _state.Epochs[^1] : null;
            progress?.Report(new TrainingProgress(_state.Step, TotalSteps, epoch + 1, Options.Epochs, _state.StepLosses[^1], last));
            if (outcome is { } end)
            {
                return end;
            }

            if (Options.CheckpointInterval is { } interval ? _state.Step % interval == 0 : epochEnds)
            {
                if (_search.OfWeights() is { } broken)
                {
                    return Diverge(DivergenceQuantity.Weights, broken, epoch);
                }

                Save();
            }
        }

        return _search.OfWeights() is { } place
            ? Diverge(DivergenceQuantity.Weights, place, Options.Epochs - 1)
            : TrainingOutcome.Completed;
    }

    /// <summary>One step; false where it diverged. Allocates nothing once the room for its batch size is there.</summary>
    private bool Step(int epoch)
    {
        var start = (int)(_state.Step % _stepsPerEpoch) * _batchSize;
        var batch = _batches.Of(Math.Min(_batchSize, _training.Count - start));
        batch.Gather(_training, _order.Of(epoch).Slice(start, batch.Size));
        var loss = batch.RunForward();
        if (!double.IsFinite(loss))
        {
            Diverge(DivergenceQuantity.Loss, _search.OfLoss(batch.Forward, loss), epoch);
            return false;
        }

        var keeps = _state.Step % Options.GoodStateInterval == 0 || _state.Step == _firstStep;
        batch.RunBackward(withGradients: _descent is null || _gradientsRead || keeps);
        var rate = Options.Schedule.Rate(_state.Step);
        var context = new StepContext<T>(
            _trainer.Network, batch.Forward, batch.Backward, _state.Step, epoch + 1, loss, rate);
        foreach (var hook in _hooks)
        {
            hook.BeforeStep(context);
        }

        if (!ClipAndKeep(epoch, keeps) || !Move(batch, rate, epoch))
        {
            return false;
        }

        foreach (var hook in _hooks)
        {
            hook.AfterStep(context);
        }

        _state.Add(loss, batch.Size, batch.CountCorrect());
        _state.Step++;
        return true;
    }

    /// <summary>
    /// The optimiser's step; false where a gradient was not finite. Plain gradient descent, where nothing changes the gradients, adds them
    /// to the weights without storing them.
    /// </summary>
    private bool Move(Batch<T> batch, double rate, int epoch)
    {
        if (_descent is null)
        {
            if (_trainer.Optimizer.Step(_parameters, rate))
            {
                return true;
            }
        }
        else
        {
            if (_descent.Step(_trainer.Network, batch.Forward, batch.Backward, rate))
            {
                return true;
            }

            batch.CompleteGradients();
        }

        if (_search.OfGradients() is not { } place)
        {
            return true;
        }

        Diverge(DivergenceQuantity.Gradient, place, epoch);
        return false;
    }

    /// <summary>Clips the gradients and, where it is time, keeps a copy of the state before the step; false where that diverged.</summary>
    private bool ClipAndKeep(int epoch, bool keeps)
    {
        var finite = Options.ClipNorm is not { } maximum || double.IsFinite(GradientClipping.ByNorm(_parameters, maximum));
        if (finite && !keeps)
        {
            return true;
        }

        if (_search.OfGradients() is { } gradient)
        {
            Diverge(DivergenceQuantity.Gradient, gradient, epoch);
            return false;
        }

        if (_search.OfWeights() is { } weights)
        {
            Diverge(DivergenceQuantity.Weights, weights, epoch);
            return false;
        }

        _goodState.Keep();
        _goodStep = _state.Step;
        return true;
    }

    private TrainingOutcome? EndEpoch(int epoch)
    {
        if (_search.OfWeights() is { } place)
        {
            return Diverge(DivergenceQuantity.Weights, place, epoch);
        }

        (double Loss, double? Accuracy)? validation = _validation is null ? null : _batches.Evaluate(_validation, _batchSize);
        if (validation is { } measured && !double.IsFinite(measured.Loss))
        {
            return Diverge(DivergenceQuantity.ValidationLoss, new(_trainer.Network.Layers.Count, null, measured.Loss), epoch);
        }

        var metrics = _state.CloseEpoch(_training.LabelArray is not null, validation);
        foreach (var hook in _hooks)
        {
            hook.AfterEpoch(metrics);
        }

        return Options.EarlyStop is { } rule && _state.HasStalled(rule) ? TrainingOutcome.StoppedEarly : OutcomeOfHooks();
    }

    private TrainingOutcome? OutcomeOfHooks()
    {
        foreach (var hook in _hooks)
        {
            if (hook.StopRequested)
            {
                return TrainingOutcome.StoppedByHook;
            }
        }

        return null;
    }

    private TrainingOutcome Diverge(DivergenceQuantity quantity, DivergenceSearch<T>.Place place, int epoch)
    {
        _divergence = new Divergence(_state.Step, epoch + 1, place.Layer, place.Parameter, quantity, place.Value, _goodStep);
        _goodState.Restore();
        _state.Step = _goodStep < 0 ? _firstStep : _goodStep;
        return TrainingOutcome.Diverged;
    }

    private void Save()
    {
        if (Options.CheckpointFolder is not { } folder)
        {
            return;
        }

        _state.OptimizerSteps = _trainer.Optimizer.StepCount;
        Checkpoint.Write(folder, Checkpoint.Header.Of(_configuration!, RunConfiguration.Environment(), _state), _arrays);
    }
}
