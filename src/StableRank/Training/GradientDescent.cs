using System.Numerics;
using StableRank.Networks;

namespace StableRank.Training;

/// <summary>Plain gradient descent: w = w - lr g. What torch.optim.SGD is without its options.</summary>
/// <typeparam name="T">double or float.</typeparam>
public sealed class GradientDescent<T> : Optimizer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private T _rate;

    /// <inheritdoc/>
    public override string ToString() => "GradientDescent()";

    /// <summary>
    /// A step from a backward pass that need not have stored the gradients of the weights: they are added where they are formed.
    /// </summary>
    /// <returns>False where a gradient may not have been finite.</returns>
    internal bool Step(Network<T> network, ForwardPass<T> forward, BackwardPass<T> backward, double learningRate)
    {
        Begin(network.Parameters, learningRate);
        return network.Descend(forward, backward, _rate);
    }

    private protected override void Prepare(double learningRate) => _rate = T.CreateChecked(learningRate);

    private protected override bool Update(Span<T> values, ReadOnlySpan<T> gradient, Span<T> first, Span<T> second) =>
        SgdKernel.Update(values, gradient, _rate, T.Zero);
}
