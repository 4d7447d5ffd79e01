using System.Numerics;
using StableRank.Tool.CommandLine;
using StableRank.Tool.Output;
using StableRank.Training;

namespace StableRank.Tool.Commands;

/// <summary>The optimiser asked for, checked.</summary>
/// <param name="Name">gd, sgd, adam or adamw.</param>
/// <param name="LearningRate">Finite, above 0.</param>
/// <param name="Momentum">Of sgd, in [0, 1); null for the others.</param>
internal sealed record TrainOptimizer(string Name, double LearningRate, double? Momentum)
{
    public const string GradientDescent = "gd";
    public const string Sgd = "sgd";
    public const string Adam = "adam";
    public const string AdamW = "adamw";
    public const double DefaultMomentum = 0.9;
    public const double DefaultDescentRate = 0.01;
    public const double DefaultAdamRate = 0.001;

    /// <exception cref="UsageException">A number is outside its range, or belongs to another optimiser.</exception>
    public static TrainOptimizer Of(string name, double? learningRate, double? momentum)
    {
        if (learningRate is { } rate && !(double.IsFinite(rate) && rate > 0))
        {
            throw new UsageException($"--lr is {NumberFormat.Exact(rate)}; expected a number above 0");
        }

        if (momentum is { } share && !(share >= 0 && share < 1))
        {
            throw new UsageException($"--momentum is {NumberFormat.Exact(share)}; expected a number from 0 and below 1");
        }

        if (momentum is not null && name != Sgd)
        {
            throw new UsageException($"--momentum is of --optimizer {Sgd}; {name} has none");
        }

        return new TrainOptimizer(
            name,
            learningRate ?? (name is Adam or AdamW ? DefaultAdamRate : DefaultDescentRate),
            name == Sgd ? momentum ?? DefaultMomentum : null);
    }

    /// <summary>A fresh one for one run.</summary>
    public Optimizer<T> Create<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Name switch
        {
            Sgd => new Sgd<T>(Momentum!.Value),
            Adam => new Adam<T>(),
            AdamW => new AdamW<T>(),
            _ => new GradientDescent<T>(),
        };
}
