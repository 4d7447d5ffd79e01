using System.Numerics;

namespace StableRank.Training;

/// <summary>Plain gradient descent: w = w - lr g. What torch.optim.SGD is without its options.</summary>
/// <typeparam name="T">double or float.</typeparam>
public sealed class GradientDescent<T> : Optimizer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private T _rate;

    /// <inheritdoc/>
    public override string ToString() => "GradientDescent()";

    private protected override void Prepare(double learningRate) => _rate = T.CreateChecked(learningRate);

    private protected override bool Update(Span<T> values, ReadOnlySpan<T> gradient, Span<T> first, Span<T> second) =>
        SgdKernel.Update(values, gradient, _rate, T.Zero);
}
