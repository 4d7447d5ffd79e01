using StableRank.Randomness;

namespace StableRank.Networks;

/// <summary>
/// Which random stream feeds what, so that (seed, layer, replicate) determines every number whatever the order of sampling:
/// weights of layer l from (layer l, purpose 0), from which ensembles derive their own small purposes; biases from purpose 2^32;
/// tangent directions from layer 0, which no weights use, purpose 2^32 + 1; the order of the samples in epoch e of training from layer 0,
/// replicate e, purpose 2^32 + 2; recurrent weights of layer l from purpose 2^33.
/// </summary>
internal static class NetworkStreams
{
    private const ulong BiasPurpose = 1UL << 32;
    private const ulong TangentPurpose = BiasPurpose + 1;
    private const ulong ShufflePurpose = BiasPurpose + 2;
    private const ulong RecurrentPurpose = 1UL << 33;

    public static RandomStream Weights(ulong seed, int layer, ulong replicate) => new(seed, (ulong)layer, replicate);

    public static RandomStream Biases(ulong seed, int layer, ulong replicate) => new(seed, (ulong)layer, replicate, BiasPurpose);

    public static RandomStream RecurrentWeights(ulong seed, int layer, ulong replicate) =>
        new(seed, (ulong)layer, replicate, RecurrentPurpose);

    public static RandomStream Tangents(ulong seed, ulong replicate) => new(seed, 0, replicate, TangentPurpose);

    public static RandomStream Shuffles(ulong seed, int epoch) => new(seed, 0, (ulong)epoch, ShufflePurpose);
}
