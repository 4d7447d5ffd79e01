using System.Numerics;
using StableRank.Networks;

namespace StableRank.Training;

/// <summary>A copy in memory of all that a step changes: parameters, the optimiser's and the hooks' state.</summary>
internal sealed class StateCopy<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Optimizer<T> _optimizer;
    private readonly T[][] _live;
    private readonly T[][] _kept;
    private long _optimizerSteps;

    public StateCopy(IReadOnlyList<Parameter<T>> parameters, Optimizer<T> optimizer, IReadOnlyList<TrainingHook<T>> hooks)
    {
        _optimizer = optimizer;
        _live =
        [
            .. parameters.Select(parameter => parameter.Values),
            .. optimizer.State.Select(array => array.Values),
            .. hooks.SelectMany(hook => hook.State).Select(array => array.Values),
        ];
        _kept = [.. _live.Select(array => new T[array.Length])];
    }

    public void Keep()
    {
        _optimizerSteps = _optimizer.StepCount;
        for (var i = 0; i < _live.Length; i++)
        {
            _live[i].CopyTo(_kept[i], 0);
        }
    }

    public void Restore()
    {
        _optimizer.Rewind(_optimizerSteps);
        for (var i = 0; i < _live.Length; i++)
        {
            _kept[i].CopyTo(_live[i], 0);
        }
    }
}
