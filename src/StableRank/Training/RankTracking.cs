using System.Numerics;
using System.Numerics.Tensors;

namespace StableRank.Training;

/// <summary>
/// Feeds a <see cref="RankTracker"/> from a training run: weight matrices, and their gradients if wanted, every few steps.
/// </summary>
/// <remarks>
/// The record of step s holds the weights after s steps and the gradient, after clipping, that the s-th was made with. Matrices that have
/// overflowed are not recorded: the trainer ends that run.
/// </remarks>
/// <typeparam name="T">double or float.</typeparam>
public sealed class RankTracking<T> : TrainingHook<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly int _interval;
    private readonly RankDetail _detail;
    private readonly bool _withGradients;

    /// <summary>A hook that records after steps interval, 2 interval, ....</summary>
    /// <param name="tracker">Receives the records.</param>
    /// <param name="interval">Steps from one measurement to the next, at least 1.</param>
    /// <param name="detail">The route.</param>
    /// <param name="withGradients">Whether gradients are measured too.</param>
    /// <exception cref="ArgumentNullException"><paramref name="tracker"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The interval is below 1.</exception>
    public RankTracking(RankTracker tracker, int interval, RankDetail detail = RankDetail.Cheap, bool withGradients = true)
    {
        ArgumentNullException.ThrowIfNull(tracker);
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, 1);
        Tracker = tracker;
        _interval = interval;
        _detail = detail;
        _withGradients = withGradients;
    }

    /// <summary>The tracker.</summary>
    public RankTracker Tracker { get; }

    /// <inheritdoc/>
    public override GradientUse GradientUse => _withGradients ? GradientUse.Read : GradientUse.None;

    /// <summary>Records where the step is a multiple of the interval.</summary>
    /// <param name="context">The step.</param>
    public override void AfterStep(in StepContext<T> context)
    {
        long step = context.Step + 1;
        if (step % _interval != 0)
        {
            return;
        }

        foreach (var parameter in context.Network.Parameters)
        {
            if (!parameter.IsWeight)
            {
                continue;
            }

            Record(step, parameter.Name, TrackedQuantity.Weight, parameter.Values, parameter.Rows, parameter.Columns);
            if (_withGradients)
            {
                Record(step, parameter.Name, TrackedQuantity.Gradient, parameter.Gradient, parameter.Rows, parameter.Columns);
            }
        }
    }

    private void Record(long step, string name, TrackedQuantity quantity, ReadOnlySpan<T> values, int rows, int columns)
    {
        // a sum of magnitudes is finite only where all are
        if (T.IsFinite(TensorPrimitives.SumOfMagnitudes(values)))
        {
            Tracker.Record(step, name, quantity, values, rows, columns, _detail);
        }
    }
}
