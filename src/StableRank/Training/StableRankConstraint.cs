using System.Globalization;
using System.Numerics;
using StableRank.Networks;

namespace StableRank.Training;

/// <summary>
/// Holds the stable ranks of a network's weight matrices through training: exactly or at most r after every step of the optimiser, or by
/// a penalty in the gradient before it. Convolution kernels count as out x (in k k), recurrent matrices as they are; biases are left alone.
/// </summary>
/// <remarks>
/// One <see cref="StableRankHolder{T}"/> a matrix, where what is held and how exactly is said. Their state goes into checkpoints. Weights
/// that have overflowed are left as they are: the trainer ends that run. The optimiser's own memory (momentum, moments) is not changed.
/// </remarks>
/// <typeparam name="T">double or float.</typeparam>
public sealed class StableRankConstraint<T> : TrainingHook<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly List<(Parameter<T> Parameter, StableRankHolder<T> Holder)> _held = [];
    private readonly List<NamedArray<T>> _state = [];
    private readonly HoldReport[] _reports;
    private readonly double[] _penalties;

    /// <summary>A constraint on the weight matrices that the function gives a rule.</summary>
    /// <param name="network">The network that will be trained.</param>
    /// <param name="rule">The rule of a weight matrix, or null to leave it free.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">No matrix has a rule.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A rule's r exceeds min(m, n) of its matrix; the message names both.</exception>
    public StableRankConstraint(Network<T> network, Func<Parameter<T>, StableRankRule?> rule)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(rule);
        foreach (var parameter in network.Parameters.Where(parameter => parameter.IsWeight))
        {
            if (rule(parameter) is not { } found)
            {
                continue;
            }

            var holder = new StableRankHolder<T>(parameter.Rows, parameter.Columns, found);
            _held.Add((parameter, holder));
            _state.Add(new NamedArray<T>($"{parameter.Name}.stable_rank.vectors", holder.State.Vectors));
            _state.Add(new NamedArray<T>($"{parameter.Name}.stable_rank.counters", holder.State.Counters));
        }

        if (_held.Count == 0)
        {
            throw new ArgumentException("No weight matrix of the network has a rule; expected one at least.", nameof(rule));
        }

        _reports = new HoldReport[_held.Count];
        _penalties = new double[_held.Count];
    }

    /// <summary>The matrices under a rule, with the rules, in the network's order.</summary>
    public IReadOnlyList<(Parameter<T> Parameter, StableRankRule Rule)> Held =>
        [.. _held.Select(held => (held.Parameter, held.Holder.Rule))];

    /// <summary>What the last hold or penalty did to each matrix of <see cref="Held"/>, in that order.</summary>
    public IReadOnlyList<HoldReport> Reports => _reports;

    /// <summary>The sum of the penalties L (sr - r)^2 of the last step's gradient; the trainer's loss does not contain it.</summary>
    public double Penalty => _penalties.Sum();

    /// <summary>How many proofs failed, so that a matrix was decomposed, over all matrices.</summary>
    public int RepairCount => _held.Sum(held => held.Holder.RepairCount);

    /// <inheritdoc/>
    public override string Configuration =>
        "stable ranks: " + string.Join("; ", _held.Select(held => Describe(held.Parameter, held.Holder)));

    /// <inheritdoc/>
    public override IReadOnlyList<NamedArray<T>> State => _state;

    /// <summary>All weight matrices exactly at r.</summary>
    /// <param name="network">The network that will be trained.</param>
    /// <param name="stableRank">r, from 1 to the least min(m, n) of the network's matrices.</param>
    /// <param name="keep">The norm kept at each hold.</param>
    /// <exception cref="ArgumentOutOfRangeException">r is out of range.</exception>
    public static StableRankConstraint<T> Exact(Network<T> network, double stableRank, KeptNorm keep = KeptNorm.Free) =>
        new(network, _ => StableRankRule.Exact(stableRank, keep));

    /// <summary>All weight matrices at most at r, by Stable Rank Normalization, theory (8.4).</summary>
    /// <param name="network">The network that will be trained.</param>
    /// <param name="stableRank">r, from 1 to the least min(m, n) of the network's matrices.</param>
    /// <exception cref="ArgumentOutOfRangeException">r is out of range.</exception>
    public static StableRankConstraint<T> AtMost(Network<T> network, double stableRank) =>
        new(network, _ => StableRankRule.AtMost(stableRank));

    /// <summary>L (sr - r)^2 added to the loss for every weight matrix.</summary>
    /// <param name="network">The network that will be trained.</param>
    /// <param name="weight">L, at least 0.</param>
    /// <param name="stableRank">r, from 1 to the least min(m, n) of the network's matrices.</param>
    /// <exception cref="ArgumentOutOfRangeException">L or r is out of range.</exception>
    public static StableRankConstraint<T> Penalise(Network<T> network, double weight, double stableRank) =>
        new(network, _ => StableRankRule.Penalty(weight, stableRank));

    /// <summary>Every weight matrix exactly at the stable rank that it has now.</summary>
    /// <param name="network">The network that will be trained; its weights are not changed.</param>
    /// <param name="keep">The norm kept at each hold.</param>
    /// <exception cref="ArgumentException">A weight is not finite, or a matrix is zero.</exception>
    public static StableRankConstraint<T> AsItIs(Network<T> network, KeptNorm keep = KeptNorm.Free) =>
        new(network, parameter => StableRankRule.Exact(
            new RankMeter(parameter.Rows, parameter.Columns).Measure<T>(parameter.Values) is { StableRank: >= 1 } ranks
                ? ranks.StableRank
                : throw new ArgumentException($"The weights {parameter.Name} are zero and have no stable rank.", nameof(network)),
            keep));

    /// <summary>Holds all matrices under an exact or an at-most rule: what follows every step; before the first, for the start.</summary>
    /// <exception cref="ArgumentException">A matrix is zero, or r exceeds its numerical rank.</exception>
    public void Hold()
    {
        for (int i = 0; i < _held.Count; i++)
        {
            var (parameter, holder) = _held[i];
            if (holder.Rule.Kind != StableRankRuleKind.Penalty && holder.TryHold(parameter.Values, out var report))
            {
                _reports[i] = report;
            }
        }
    }

    /// <summary>A penalty adds to the gradients; what holds matrices does not need them.</summary>
    public override GradientUse GradientUse =>
        _held.Exists(held => held.Holder.Rule.Kind == StableRankRuleKind.Penalty) ? GradientUse.Change : GradientUse.None;

    /// <summary>Adds the gradients of the penalties.</summary>
    /// <param name="context">The step.</param>
    public override void BeforeStep(in StepContext<T> context)
    {
        for (int i = 0; i < _held.Count; i++)
        {
            var (parameter, holder) = _held[i];
            if (holder.Rule.Kind == StableRankRuleKind.Penalty
                && holder.TryAddPenalty(parameter.Values, parameter.Gradient, out double penalty, out var report))
            {
                (_penalties[i], _reports[i]) = (penalty, report);
            }
        }
    }

    /// <summary>Holds the matrices.</summary>
    /// <param name="context">The step.</param>
    public override void AfterStep(in StepContext<T> context) => Hold();

    private static string Describe(Parameter<T> parameter, StableRankHolder<T> holder)
    {
        var rule = holder.Rule;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{parameter.Name} {rule.Kind} {rule.StableRank:R} keep {rule.Keep} weight {rule.Weight:R} check {rule.CheckInterval} "
            + $"accuracy {rule.Accuracy:R}");
    }
}
