using System.Numerics;
using StableRank.Networks;
using StableRank.Training;

namespace StableRank.TrainingProcess;

/// <summary>
/// A constraint with a memory: pulls every parameter a little towards its own running mean, which a checkpoint must hold.
/// </summary>
internal sealed class AveragingHook<T> : TrainingHook<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly NamedArray<T>[] _means;

    public AveragingHook(Network<T> network) =>
        _means = [.. network.Parameters.Select(parameter => new NamedArray<T>($"{parameter.Name}.mean", new T[parameter.Values.Length]))];

    public override string Configuration => "averaging(0.05)";

    public override IReadOnlyList<NamedArray<T>> State => _means;

    public override void AfterStep(in StepContext<T> context)
    {
        var share = T.CreateChecked(0.05);
        for (var p = 0; p < _means.Length; p++)
        {
            var (values, mean) = (context.Network.Parameters[p].Values, _means[p].Values);
            for (var i = 0; i < mean.Length; i++)
            {
                mean[i] += share * (values[i] - mean[i]);
                values[i] -= share * share * (values[i] - mean[i]);
            }
        }
    }
}
