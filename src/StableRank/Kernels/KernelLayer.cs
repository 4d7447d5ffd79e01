using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using StableRank.Networks;

namespace StableRank.Kernels;

/// <summary>
/// One layer of the recursions (5.1) and (5.3). With A = E phi phi of the layer below (of the inputs: x.x'/n_0) and H = E phi' phi' Theta
/// of it (of the inputs: 0), K = g A + s_b^2 and Theta = eta_w A + eta_b + g H, where eta_w = g, eta_b = s_b^2 by the 'ntk' multipliers, and
/// eta_w = n, eta_b = 1 by the 'standard' ones (n_(l-1) entries of x, each multiplied by 1).
/// </summary>
internal sealed class KernelLayer
{
    public KernelLayer(LayerSpecification layer, KernelParameterization parameterization)
    {
        var standard = parameterization == KernelParameterization.Standard;
        Gain = layer.Weights.Moments.Gain;
        BiasVariance = layer.BiasVariance;
        WeightMultiplier = standard ? layer.Weights.Columns : Gain;
        BiasMultiplier = standard ? (layer.HasBias ? 1 : 0) : BiasVariance;
        Activation = layer.Activation;
        Dual = DualTile.Of(layer.Activation);
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
}
