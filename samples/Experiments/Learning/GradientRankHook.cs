using StableRank.GradientRank;
using StableRank.Training;

namespace StableRank.Experiments.Learning;

/// <summary>Measures the gradients of all weights at every so manieth step.</summary>
/// <param name="interval">Steps from one measurement to the next, the first before any step.</param>
internal sealed class GradientRankHook(int interval) : TrainingHook<double>
{
    private readonly GradientRankMeter<double> _meter = new();

    /// <summary>What was measured, step after step.</summary>
    public List<WeightGradient> Gradients { get; } = [];

    /// <inheritdoc/>
    public override void BeforeStep(in StepContext<double> context)
    {
        if (context.Step % interval == 0)
        {
            var step = context.Step;
            Gradients.AddRange(_meter.Measure(context.Backward).Select((rank, weight) => new WeightGradient(step, weight, rank)));
        }
    }
}
