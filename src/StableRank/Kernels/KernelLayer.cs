using System.Numerics.Tensors;
using StableRank.Networks;

namespace StableRank.Kernels;

/// <summary>
/// One layer of the recursions (5.1) and (5.3). With A = E phi phi of the layer below (of the inputs: x.x'/n_0) and H = E phi' phi' Theta
/// of it (of the inputs: 0), both as means over the pairs of positions that the layer sees, K = g A + s_b^2 and
/// Theta = eta_w A + eta_b + g H, where eta_w = g, eta_b = s_b^2 by the 'ntk' multipliers, and eta_w = n, eta_b = 1 by the 'standard' ones
/// (n entries of the input, each multiplied by 1). A recurrent layer adds the same terms of V and of its own A and H one step before.
/// </summary>
internal sealed class KernelLayer
{
    private readonly double _recurrentGain;
    private readonly double _recurrentMultiplier;

    /// <param name="layers">The model's layers.</param>
    /// <param name="l">The 0-based number of this one.</param>
    /// <param name="parameterization">The multipliers.</param>
    /// <param name="below">The pairs of positions below it.</param>
    public KernelLayer(IReadOnlyList<LayerSpecification> layers, int l, KernelParameterization parameterization, PositionPairs below)
    {
        var layer = layers[l];
        var standard = parameterization == KernelParameterization.Standard;
        var (gain, bias) = (layer.Weights.Gain, layer.BiasVariance);
        Step = new AffineStep(gain, bias, standard ? layer.Weights.Columns : gain, standard ? (layer.HasBias ? 1 : 0) : bias);
        Activation = layer.Activation;
        Dual = DualTile.Of(layer.Activation);
        Map = PositionMap.Of(layers, l, below);
        if (layer is ElmanSpecification { RecurrentWeights: { } recurrent })
        {
            IsRecurrent = true;
            _recurrentGain = recurrent.Gain;
            _recurrentMultiplier = standard ? recurrent.Columns : _recurrentGain;
        }
    }

    /// <summary>g, s_b^2, eta_w and eta_b.</summary>
    public AffineStep Step { get; }

    /// <summary>phi.</summary>
    public Activation Activation { get; }

    /// <summary>What phi does; null where it is the identity.</summary>
    public DualTile? Dual { get; }

    /// <summary>The covariances below that each of the layer is made of.</summary>
    public PositionMap Map { get; }

    /// <summary>Whether positions are steps in time that follow from one another.</summary>
    public bool IsRecurrent { get; }

    /// <summary>The whole layer, pair of positions by pair; every position with itself before any other pair.</summary>
    /// <param name="l">The layer's 0-based number, for <paramref name="dual"/>.</param>
    /// <param name="from">A and H below.</param>
    /// <param name="to">Becomes A and H of this layer.</param>
    /// <param name="dual">Called for every pair, the identity included.</param>
    public void Forward(int l, PairState from, PairState to, IPairDual dual)
    {
        for (var p = 0; p < Map.Sources.Length; p++)
        {
            var a = to.A(p);
            var h = to.H(p);
            a.Clear();
            h.Clear();
            foreach (var source in Map.Sources[p])
            {
                TensorPrimitives.Add(a, from.A(source), a);
                TensorPrimitives.Add(h, from.H(source), h);
            }

            TensorPrimitives.Multiply(a, Map.Share, a);
            TensorPrimitives.Multiply(h, Map.Share, h);
            if (!Map.IsIndependent || Map.Sources[p].Length > 0)
            {
                Step.Apply(a, h);
            }

            if (IsRecurrent && p > 0)
            {
                TensorPrimitives.MultiplyAdd(to.A(p - 1), _recurrentGain, a, a);
                TensorPrimitives.MultiplyAdd(to.A(p - 1), _recurrentMultiplier, h, h);
                TensorPrimitives.MultiplyAdd(to.H(p - 1), _recurrentGain, h, h);
            }

            dual.Apply(l, p, a, h);
        }
    }
}
