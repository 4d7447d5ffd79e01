using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StableRank.Kernels;

/// <summary>
/// The linear half of a layer of the recursions (5.1) and (5.3): A becomes K = g A + s_b^2, and H becomes
/// Theta = eta_w A + eta_b + g H.
/// </summary>
/// <param name="Gain">g.</param>
/// <param name="BiasVariance">s_b^2.</param>
/// <param name="WeightMultiplier">eta_w.</param>
/// <param name="BiasMultiplier">eta_b.</param>
internal readonly record struct AffineStep(double Gain, double BiasVariance, double WeightMultiplier, double BiasMultiplier)
{
    /// <summary>Changes nothing.</summary>
    public static AffineStep Identity { get; } = new(1, 0, 0, 0);

    /// <summary>The step on spans of whole vectors, in place.</summary>
    public void Apply(Span<double> a, Span<double> h)
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
