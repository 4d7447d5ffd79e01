using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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
        Gain = layer.Weights.Moments.Gain;
        BiasVariance = layer.BiasVariance;
        WeightMultiplier = standard ? layer.Weights.Columns : Gain;
        BiasMultiplier = standard ? (layer.HasBias ? 1 : 0) : BiasVariance;
        Activation = layer.Activation;
        Dual = DualTile.Of(layer.Activation);
        Map = PositionMap.Of(layers, l, below);
        if (layer is ElmanSpecification { RecurrentWeights: { } recurrent })
        {
            IsRecurrent = true;
            _recurrentGain = recurrent.Moments.Gain;
            _recurrentMultiplier = standard ? recurrent.Columns : _recurrentGain;
        }
    }

    /// <summary>g.</summary>
    public double Gain { get; }

    /// <summary>s_b^2.</summary>
    public double BiasVariance { get; }

    /// <summary>eta_w.</summary>
    public double WeightMultiplier { get; }

    /// <summary>eta_b.</summary>
    public double BiasMultiplier { get; }

    /// <summary>phi.</summary>
    public Activation Activation { get; }

    /// <summary>What phi does; null where it is the identity.</summary>
    public DualTile? Dual { get; }

    /// <summary>The covariances below that each of the layer is made of.</summary>
    public PositionMap Map { get; }

    /// <summary>Whether positions are steps in time that follow from one another.</summary>
    public bool IsRecurrent { get; }

    /// <summary>A becomes K and H becomes Theta, on spans of whole vectors.</summary>
    public void Affine(Span<double> a, Span<double> h)
    {
        ref var first = ref MemoryMarshal.GetReference(a);
        ref var second = ref MemoryMarshal.GetReference(h);
        var (gain, bias) = (Vector512.Create(Gain), Vector512.Create(BiasVariance));
        var (weightMultiplier, biasMultiplier) = (Vector512.Create(WeightMultiplier), Vector512.Create(BiasMultiplier));
        for (nuint at = 0; at < (nuint)a.Length; at += DualTile.Lanes)
        {
            var below = Vector512.LoadUnsafe(ref first, at);
            var tangent = Vector512.FusedMultiplyAdd(weightMultiplier, below, biasMultiplier);
            Vector512.FusedMultiplyAdd(gain, Vector512.LoadUnsafe(ref second, at), tangent).StoreUnsafe(ref second, at);
            Vector512.FusedMultiplyAdd(gain, below, bias).StoreUnsafe(ref first, at);
        }
    }

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
                Affine(a, h);
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
