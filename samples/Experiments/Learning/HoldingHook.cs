using StableRank.Networks;
using StableRank.Training;

namespace StableRank.Experiments.Learning;

/// <summary>Holds the stable rank of some weights exactly where it was when training began.</summary>
internal sealed class HoldingHook : TrainingHook<float>
{
    private readonly List<(Parameter<float> Weights, StableRankHolder<float> Holder)> _held = [];

    /// <summary>Holds these weights at the stable ranks that they have now.</summary>
    public HoldingHook(IEnumerable<Parameter<float>> weights)
    {
        foreach (var parameter in weights)
        {
            var rank = new RankMeter(parameter.Rows, parameter.Columns).Measure<float>(parameter.Values).StableRank;
            _held.Add((parameter, new StableRankHolder<float>(parameter.Rows, parameter.Columns, StableRankRule.Exact(rank))));
        }
    }

    /// <summary>The relative error allowed to a held stable rank.</summary>
    public double Accuracy => _held.Max(one => one.Holder.Accuracy);

    /// <inheritdoc/>
    public override void AfterStep(in StepContext<float> context)
    {
        foreach (var (weights, holder) in _held)
        {
            holder.Hold(weights.Values);
        }
    }
}
