using System.Globalization;
using System.Numerics;

namespace StableRank.Training;

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019), as torch.optim.AdamW: w = (1 - lr weightDecay) w, then the step of <see
/// cref="Adam{T}"/> without decay.
/// </summary>
/// <typeparam name="T">double or float.</typeparam>
public sealed class AdamW<T> : Optimizer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private AdamKernel<T> _kernel;

    /// <summary>Makes the optimiser; the defaults are PyTorch's.</summary>
    /// <param name="beta1">Decay of the mean of the gradients, in [0, 1).</param>
    /// <param name="beta2">Decay of the mean of their squares, in [0, 1).</param>
    /// <param name="epsilon">Added to the root of the mean square; above 0.</param>
    /// <param name="weightDecay">
    /// The fraction by which values shrink at each step, per unit of learning rate, biases too; at least 0.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public AdamW(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0.01)
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

    /// <summary>The fraction by which values shrink at each step, per unit of learning rate.</summary>
    public double WeightDecay { get; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"AdamW(beta1={Beta1:R}, beta2={Beta2:R}, epsilon={Epsilon:R}, weightDecay={WeightDecay:R})");

    private protected override void Prepare(double learningRate) =>
        _kernel = new AdamKernel<T>((Beta1, Beta2, Epsilon), StepCount, learningRate, coupledDecay: 0, WeightDecay);

    private protected override bool Update(Span<T> values, ReadOnlySpan<T> gradient, Span<T> first, Span<T> second) =>
        _kernel.Update(values, gradient, first, second);
}
