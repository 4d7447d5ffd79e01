using System.Numerics;
using StableRank.Networks;
using StableRank.Spectra;
using StableRank.Training;

namespace StableRank.Tool.Commands;

/// <summary>
/// Watches how well a constraint holds: the repairs to each matrix, and the greatest relative error of its stable rank, by the constraint's
/// own estimate after every exact hold and by all singular values after every epoch. Stands behind the constraint among a trainer's hooks.
/// </summary>
/// <remarks>What it has seen goes into checkpoints, so that a resumed run tells the same as one that was never stopped.</remarks>
internal sealed class HoldWatch<T> : TrainingHook<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly (Parameter<T> Parameter, StableRankRule Rule)[] _held;
    private readonly T[] _greatest, _repairs;

    public HoldWatch(StableRankConstraint<T> constraint)
    {
        Constraint = constraint;
        _held = [.. constraint.Held];
        _greatest = new T[_held.Length];
        _repairs = new T[_held.Length];
        State = [new NamedArray<T>("greatest_error", _greatest), new NamedArray<T>("repairs", _repairs)];
    }

    /// <summary>What is watched.</summary>
    public StableRankConstraint<T> Constraint { get; }

    public override GradientUse GradientUse => GradientUse.None;

    public override IReadOnlyList<NamedArray<T>> State { get; }

    /// <summary>Of a matrix so far: |sr/r - 1| held exactly, the excess over r under at most r, null under a penalty.</summary>
    /// <param name="index">Its place in <see cref="StableRankConstraint{T}.Held"/>.</param>
    public double? GreatestError(int index) =>
        _held[index].Rule.Kind == StableRankRuleKind.Penalty ? null : double.CreateChecked(_greatest[index]);

    /// <summary>How many periodic proofs of a matrix's exact holds failed and were repaired.</summary>
    /// <param name="index">Its place in <see cref="StableRankConstraint{T}.Held"/>.</param>
    public int Repairs(int index) => int.CreateChecked(_repairs[index]);

    public override void AfterStep(in StepContext<T> context)
    {
        var reports = Constraint.Reports;
        for (var i = 0; i < _held.Length; i++)
        {
            if (_held[i].Rule.Kind == StableRankRuleKind.Exact)
            {
                Meet(i, reports[i].StableRankError);
                _repairs[i] += reports[i].IsRepaired ? T.One : T.Zero;
            }
        }
    }

    public override void AfterEpoch(EpochMetrics metrics)
    {
        for (var i = 0; i < _held.Length; i++)
        {
            var (parameter, rule) = _held[i];
            if (rule.Kind != StableRankRuleKind.Penalty)
            {
                var excess = (Spectrum.Of(parameter.Matrix.Map(double.CreateChecked)).StableRank / rule.StableRank) - 1;
                Meet(i, rule.Kind == StableRankRuleKind.Exact ? Math.Abs(excess) : Math.Max(0, excess));
            }
        }
    }

    private void Meet(int index, double error) => _greatest[index] = T.Max(_greatest[index], T.CreateChecked(error));
}
