using StableRank.Networks;
using StableRank.Training;

namespace StableRank.Experiments.Learning;

/// <summary>Writes down the stable ranks of some weights before the first step and after every so many.</summary>
/// <param name="weights">The weights.</param>
/// <param name="interval">Steps from one measurement to the next.</param>
internal sealed class RankHook(IReadOnlyList<Parameter<float>> weights, int interval) : TrainingHook<float>
{
    private readonly RankMeter[] _meters = [.. weights.Select(parameter => new RankMeter(parameter.Rows, parameter.Columns))];

    /// <summary>The steps of the measurements.</summary>
    public List<long> Steps { get; } = [];

    /// <summary>The stable ranks at each of them, a weight each.</summary>
    public List<double[]> Ranks { get; } = [];

    /// <inheritdoc/>
    public override void BeforeStep(in StepContext<float> context)
    {
        if (context.Step == 0)
        {
            Measure(0);
        }
    }

    /// <inheritdoc/>
    public override void AfterStep(in StepContext<float> context)
    {
        if ((context.Step + 1) % interval == 0)
        {
            Measure(context.Step + 1);
        }
    }

    private void Measure(long step)
    {
        Steps.Add(step);
        Ranks.Add([.. weights.Select((parameter, i) => _meters[i].Measure<float>(parameter.Values).StableRank)]);
    }
}
