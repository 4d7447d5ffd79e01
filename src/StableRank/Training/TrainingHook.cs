using System.Numerics;

namespace StableRank.Training;

/// <summary>
/// Takes part in training: constraints, penalties, trackers, callbacks. Every member does nothing unless overridden. Hooks are called in
/// the order in which the trainer has them, on the trainer's thread.
/// </summary>
/// <typeparam name="T">double or float.</typeparam>
public abstract class TrainingHook<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>
    /// The hook and its settings, as far as they change the course of training: a run is not resumed under others. Null for a hook that
    /// only watches.
    /// </summary>
    public virtual string? Configuration => null;

    /// <summary>
    /// What it does with the gradients of the parameters. Where no hook changes them, plain gradient descent adds them to the weights
    /// where they are formed, and stores them for hooks that read them only; the weights are the same to the last bit, read or not.
    /// </summary>
    public virtual GradientUse GradientUse => GradientUse.Change;

    /// <summary>What it remembers from step to step, as checkpoints must: live arrays of fixed lengths, the same at each call.</summary>
    public virtual IReadOnlyList<NamedArray<T>> State => [];

    /// <summary>Whether the run should end after the step or epoch just done.</summary>
    public virtual bool StopRequested => false;

    /// <summary>After the backward pass, before clipping and the optimiser: gradients may be changed (<see cref="GradientUse"/>).</summary>
    /// <param name="context">The step.</param>
    public virtual void BeforeStep(in StepContext<T> context)
    {
    }

    /// <summary>After the optimiser: parameters may be changed. The gradients are those that the optimiser saw.</summary>
    /// <param name="context">The step.</param>
    public virtual void AfterStep(in StepContext<T> context)
    {
    }

    /// <summary>After an epoch and its metrics.</summary>
    /// <param name="metrics">The metrics.</param>
    public virtual void AfterEpoch(EpochMetrics metrics)
    {
    }
}
