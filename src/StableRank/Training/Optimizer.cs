using System.Numerics;
using StableRank.Networks;

namespace StableRank.Training;

/// <summary>
/// Turns gradients into steps, as PyTorch's torch.optim defines them. One pass over memory per parameter, without allocation after the
/// first step, on several threads where a parameter is large; the result does not depend on their number. An instance belongs to the
/// parameters of its first step.
/// </summary>
/// <typeparam name="T">double or float; hyperparameters are rounded to T where PyTorch rounds them.</typeparam>
public abstract class Optimizer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly string[] _slots;
    private readonly ElementwiseSweep _sweep;
    private readonly List<NamedArray<T>> _state = [];
    private Parameter<T>[]? _parameters;
    private int _current;
    private int _nonFinite;

    /// <param name="slots">Names of the arrays kept for each parameter, PyTorch's.</param>
    private protected Optimizer(params string[] slots)
    {
        Precision.Require<T>();
        _slots = slots;
        _sweep = new ElementwiseSweep(UpdateRange);
    }

    /// <summary>Steps taken so far.</summary>
    public long StepCount { get; private set; }

    /// <summary>
    /// What the optimiser remembers, one array as long as the parameter each: "0.weight.exp_avg" and so on, parameter by parameter. Empty
    /// before the first step, and for an optimiser without memory.
    /// </summary>
    public IReadOnlyList<NamedArray<T>> State => _state;

    /// <summary>The optimiser and its hyperparameters, as a checkpoint records them.</summary>
    public abstract override string ToString();

    /// <summary>Moves every parameter by one step against its gradient.</summary>
    /// <param name="parameters">The parameters; the same objects in the same order at each call.</param>
    /// <param name="learningRate">The learning rate of this step: finite, not negative.</param>
    /// <returns>
    /// Whether every gradient was finite. Where one was not, the parameters and the state now hold what the formulas make of it.
    /// </returns>
    /// <exception cref="ArgumentException">The parameters are others than those of the first step.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The learning rate is negative or not finite.</exception>
    public bool Step(IReadOnlyList<Parameter<T>> parameters, double learningRate)
    {
        Begin(parameters, learningRate);
        var finite = true;
        for (var i = 0; i < _parameters!.Length; i++)
        {
            finite &= Move(i);
        }

        return finite;
    }

    /// <summary>Continues where another instance stopped: copies its state in.</summary>
    /// <param name="parameters">The parameters of the steps to come.</param>
    /// <param name="stepCount">Steps taken so far.</param>
    /// <param name="state">The arrays of <see cref="State"/> by name; further entries are ignored.</param>
    /// <exception cref="ArgumentException">An array is missing or has another length; the message names it.</exception>
    public void Restore(IReadOnlyList<Parameter<T>> parameters, long stepCount, IReadOnlyDictionary<string, T[]> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentOutOfRangeException.ThrowIfNegative(stepCount);
        Bind(parameters);
        StateArrays.Fill(_state, state, nameof(state));
        StepCount = stepCount;
    }

    /// <summary>Makes the room for the state of these parameters; later calls check that they are the same.</summary>
    internal void Bind(IReadOnlyList<Parameter<T>> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (_parameters is null)
        {
            _parameters = [.. parameters];
            foreach (var parameter in _parameters)
            {
                foreach (var slot in _slots)
                {
                    _state.Add(new($"{parameter.Name}.{slot}", new T[parameter.Values.Length]));
                }
            }

            return;
        }

        if (_parameters.Length != parameters.Count)
        {
            throw new ArgumentException(
                $"{parameters.Count} parameters, but the optimiser's first step had {_parameters.Length}; expected the same.",
                nameof(parameters));
        }

        for (var i = 0; i < _parameters.Length; i++)
        {
            if (!ReferenceEquals(_parameters[i], parameters[i]))
            {
                throw new ArgumentException(
                    $"Parameter {i} is '{parameters[i].Name}', another object than the '{_parameters[i].Name}' of the optimiser's first "
                    + "step; an optimiser belongs to one network.",
                    nameof(parameters));
            }
        }
    }

    /// <summary>Checks and counts a step, and computes what its formulas share.</summary>
    private protected void Begin(IReadOnlyList<Parameter<T>> parameters, double learningRate)
    {
        Guard.RequireNonNegative(learningRate, nameof(learningRate));
        Bind(parameters);
        StepCount++;
        Prepare(learningRate);
    }

    /// <summary>Moves one parameter of a step that has begun; returns whether its gradient was finite.</summary>
    private protected bool Move(int parameter)
    {
        _current = parameter;
        _nonFinite = 0;
        _sweep.Run(_parameters![parameter].Values.Length);
        return _nonFinite == 0;
    }

    /// <summary>Takes the count of steps back to that of an earlier state; the caller restores the arrays.</summary>
    internal void Rewind(long stepCount) => StepCount = stepCount;

    /// <summary>Computes what one step's formulas share; <see cref="StepCount"/> already counts the step.</summary>
    private protected abstract void Prepare(double learningRate);

    /// <summary>Moves a piece of a parameter.</summary>
    /// <param name="values">The parameter's values.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="first">The first array of its state, or empty.</param>
    /// <param name="second">The second one, or empty.</param>
    /// <returns>Whether the gradient was finite.</returns>
    private protected abstract bool Update(Span<T> values, ReadOnlySpan<T> gradient, Span<T> first, Span<T> second);

    private void UpdateRange(int start, int length)
    {
        var parameter = _parameters![_current];
        var first = _slots.Length > 0 ? _state[_current * _slots.Length].Values.AsSpan(start, length) : default;
        var second = _slots.Length > 1 ? _state[(_current * _slots.Length) + 1].Values.AsSpan(start, length) : default;
        if (!Update(parameter.Values.AsSpan(start, length), parameter.Gradient.AsSpan(start, length), first, second))
        {
            Volatile.Write(ref _nonFinite, 1);
        }
    }
}
