using System.Numerics;
using StableRank.Networks;

namespace StableRank.Training;

/// <summary>What a hook sees of the step under way.</summary>
/// <typeparam name="T">double or float.</typeparam>
/// <param name="Network">The network.</param>
/// <param name="Forward">The batch on its way up: activations. Overwritten by a later step.</param>
/// <param name="Backward">Its signals on the way down. Overwritten by a later step.</param>
/// <param name="Step">Steps completed before this one.</param>
/// <param name="Epoch">The epoch, the first being 1.</param>
/// <param name="Loss">The loss of the batch, before the step.</param>
/// <param name="LearningRate">The learning rate of the step.</param>
public readonly record struct StepContext<T>(
    Network<T> Network, ForwardPass<T> Forward, BackwardPass<T> Backward, long Step, int Epoch, double Loss, double LearningRate)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>;
