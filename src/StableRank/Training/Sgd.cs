using System.Globalization;
using System.Numerics;

namespace StableRank.Training;

/// <summary>
/// Stochastic gradient descent with momentum, as torch.optim.SGD (dampening 0): d = g + weightDecay w; b = momentum b + d; w = w - lr b,
/// or with Nesterov (Sutskever et al. 2013) w = w - lr (d + momentum b). The first b is d.
/// </summary>
/// <typeparam name="T">double or float.</typeparam>
public sealed class Sgd<T> : Optimizer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T _momentum;
    private readonly T _decay;
    private T _rate;

    /// <summary>Makes the optimiser.</summary>
    /// <param name="momentum">In [0, 1).</param>
    /// <param name="nesterov">Whether the step looks ahead; needs a momentum above 0.</param>
    /// <param name="weightDecay">The L2 penalty (weightDecay / 2) ||w||^2, on every parameter, biases too; at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    /// <exception cref="ArgumentException">Nesterov without momentum.</exception>
    public Sgd(double momentum = 0.9, bool nesterov = false, double weightDecay = 0)
        : base(momentum == 0 ? [] : ["momentum_buffer"])
    {
        Momentum = Guard.RequireBelowOne(momentum, nameof(momentum));
        WeightDecay = Guard.RequireNonNegative(weightDecay, nameof(weightDecay));
        if (nesterov && momentum == 0)
        {
            throw new ArgumentException("Nesterov's step with momentum 0; expected a momentum above 0.", nameof(nesterov));
        }

        Nesterov = nesterov;
        _momentum = T.CreateChecked(momentum);
        _decay = T.CreateChecked(weightDecay);
    }

    /// <summary>The factor by which the past decays at each step.</summary>
    public double Momentum { get; }

    /// <summary>Whether the step looks ahead.</summary>
    public bool Nesterov { get; }

    /// <summary>The coefficient of the L2 penalty's gradient.</summary>
    public double WeightDecay { get; }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"Sgd(momentum={Momentum:R}, nesterov={Nesterov}, weightDecay={WeightDecay:R})");

    private protected override void Prepare(double learningRate) => _rate = T.CreateChecked(learningRate);

    private protected override bool Update(Span<T> values, ReadOnlySpan<T> gradient, Span<T> first, Span<T> second) =>
        first.IsEmpty
            ? SgdKernel.Update(values, gradient, _rate, _decay)
            : SgdKernel.Update(values, gradient, first, _rate, _decay, _momentum, Nesterov);
}
