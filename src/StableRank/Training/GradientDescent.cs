using System.Numerics;
using System.Numerics.Tensors;
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
    /// A step from a backward pass that need not have stored the gradients of the weights: layers that can add them where they are formed
    /// (<see cref="Layer{T}.DescendInProduct"/>) do.
    /// </summary>
    /// <returns>False where a gradient may not have been finite: the signals that it is summed from were not.</returns>
    internal bool Step(Network<T> network, ForwardPass<T> forward, BackwardPass<T> backward, double learningRate)
    {
        Begin(network.Parameters, learningRate);
        var finite = true;
        var parameter = 0;
        for (var l = 0; l < network.Layers.Count; l++)
        {
            var (layer, signal) = (network.Layers[l], backward.Signal[l]);
            var moved = layer.DescendInProduct(forward.InputsOf(l), forward.Batch, signal, _rate);
            for (var i = 0; i < layer.Parameters.Count; i++, parameter++)
            {
                if (!ReferenceEquals(layer.Parameters[i], moved))
                {
                    finite &= Move(parameter);
                }
            }

            // where there is a bias, its gradient is that very sum, row by row
            if (moved is not null && layer.BiasParameter is null)
            {
                finite &= T.IsFinite(TensorPrimitives.Sum<T>(signal));
            }
        }

        return finite;
    }

    private protected override void Prepare(double learningRate) => _rate = T.CreateChecked(learningRate);

    private protected override bool Update(Span<T> values, ReadOnlySpan<T> gradient, Span<T> first, Span<T> second) =>
        SgdKernel.Update(values, gradient, _rate, T.Zero);
}
