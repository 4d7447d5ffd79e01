using System.Globalization;
using System.Numerics;

namespace StableRank.Training;

/// <summary>
/// Adam (Kingma and Ba 2015), as torch.optim.Adam: d = g + weightDecay w; m = beta1 m + (1 - beta1) d; v = beta2 v + (1 - beta2) d^2; w =
/// w - lr m^ / (sqrt(v^) + epsilon) with m^ = m / (1 - beta1^t), v^ = v / (1 - beta2^t) at step t = 1, 2, ...
/// </summary>
/// <typeparam name="T">double or float.</typeparam>
public sealed class Adam<T> : Optimizer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private AdamKernel<T> _kernel;

    /// <summary>Makes the optimiser; the defaults are PyTorch's.</summary>
    /// <param name="beta1">Decay of the mean of the gradients, in [0, 1).</param>
    /// <param name="beta2">Decay of the mean of their squares, in [0, 1).</param>
    /// <param name="epsilon">Added to the root of the mean square; above 0.</param>
    /// <param name="weightDecay">The L2 penalty (weightDecay / 2) ||w||^2, on every parameter, biases too; at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public Adam(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0)
        : base("exp_avg", "exp_avg_sq")
    {
        Beta1 = Guard.RequireBelowOne(beta1, nameof(beta1));
        Beta2 = Guard.RequireBelowOne(beta2, nameof(beta2));
        Epsilon = Guard.RequirePositive(epsilon, nameof(epsilon));
        WeightDecay = Guard.RequireNonNegative(weightDecay, nameof(weightDecay));
    }

    /// <summary>Decay of the mean of the gradients.</summary>
    public double Beta1 { get; }

    /// <summary>Decay of the mean of the squares of the gradients.</summary>
    public double Beta2 { get; }

    /// <summary>Added to the root of the mean square.</summary>
    public double Epsilon { get; }

    /// <summary>The coefficient of the L2 penalty's gradient.</summary>
    public double WeightDecay { get; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"Adam(beta1={Beta1:R}, beta2={Beta2:R}, epsilon={Epsilon:R}, weightDecay={WeightDecay:R})");

    private protected override void Prepare(double learningRate) =>
        _kernel = new AdamKernel<T>((Beta1, Beta2, Epsilon), StepCount, learningRate, WeightDecay, decoupledDecay: 0);

    private protected override bool Update(Span<T> values, ReadOnlySpan<T> gradient, Span<T> first, Span<T> second) =>
        _kernel.Update(values, gradient, first, second);
}
