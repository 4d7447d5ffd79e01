using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StableRank.Networks;

/// <summary>
/// The two products that a convolution consists of, without a patch matrix: what a tap sees at the positions of the kernel is a piece of a
/// plane, found by an offset (<see cref="ConvolutionGrid"/>).
/// </summary>
internal static unsafe class ConvolutionKernel
{
    /// <summary>Channels of the signals that are taken together: as many planes must be there, the last of them zeros.</summary>
    public const int SignalGroup = 4;

    /// <summary>
    /// Taps whose products are added before those of further taps, so that their weights (of 512 channels a mebibyte of doubles) stay in a
    /// second-level cache from one piece of the planes to the next, and what they see of a piece in the first. Sums are the same.
    /// </summary>
    private const int TapBlock = 256;

    /// <summary>Signals that are taken through all taps before further ones, for the same reason.</summary>
    private const int SignalBlockBytes = 1 << 18;

    /// <summary>
    /// target[c ld + g] = sum over t of weights[c, t] source[offsets[t] + g], for g from 0 to before <paramref name="length"/> (and on to
    /// the end of a vector, of no use).
    /// </summary>
    /// <param name="source">The planes.</param>
    /// <param name="offsets">Where each tap's entries begin.</param>
    /// <param name="taps">The terms of a sum.</param>
    /// <param name="weights">For each group of channels and each tap the group's weights, zeros for those that are missing.</param>
    /// <param name="groups">Groups of <see cref="ConvolutionGrid.ChannelGroup"/> channels.</param>
    /// <param name="target">The sums.</param>
    /// <param name="ld">From one channel of the target to the next.</param>
    /// <param name="length">The entries of a channel.</param>
    public static void Multiply<T>(T* source, int* offsets, int taps, T* weights, int groups, T* target, int ld, int length)
        where T : unmanaged
    {
        var groupSize = (nint)taps * ConvolutionGrid.ChannelGroup;
        for (var first = 0; first < taps; first += TapBlock)
        {
            var block = weights + ((nint)first * ConvolutionGrid.ChannelGroup);
            var count = Math.Min(TapBlock, taps - first);
            if (Vector512.IsHardwareAccelerated)
            {
                ConvolutionKernel512.Multiply(source, offsets + first, count, block, groupSize, groups, target, ld, length, first > 0);
            }
            else
            {
                ConvolutionKernelVector.Multiply(source, offsets + first, count, block, groupSize, groups, target, ld, length, first > 0);
            }
        }
    }

    /// <summary>
    /// sums[c + t ld] += sum over g of signals[c signalSize + g] source[offsets[t] + g], for g from 0 to the end of the vector of the last
    /// of <paramref name="length"/>: the signals are zeros there.
    /// </summary>
    /// <param name="signals">The signals, at a multiple of a vector.</param>
    /// <param name="signalSize">From one channel of them to the next.</param>
    /// <param name="groups">Groups of <see cref="SignalGroup"/> channels.</param>
    /// <param name="source">The planes.</param>
    /// <param name="offsets">Where each tap's entries begin.</param>
    /// <param name="tapGroups">Groups of <see cref="ConvolutionGrid.TapGroup"/> taps.</param>
    /// <param name="length">The entries of a channel.</param>
    /// <param name="sums">The sums.</param>
    /// <param name="ld">From one tap of the sums to the next.</param>
    public static void Correlate<T>(
        T* signals, int signalSize, int groups, T* source, int* offsets, int tapGroups, int length, T* sums, int ld)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var most = Math.Max(1, SignalBlockBytes / (SignalGroup * Unsafe.SizeOf<T>() * signalSize));
        for (var first = 0; first < groups; first += most)
        {
            var block = signals + ((nint)first * SignalGroup * signalSize);
            var count = Math.Min(most, groups - first);
            var to = sums + (first * SignalGroup);
            if (Vector512.IsHardwareAccelerated)
            {
                ConvolutionKernel512.Correlate(block, signalSize, count, source, offsets, tapGroups, length, to, ld);
            }
            else
            {
                ConvolutionKernelVector.Correlate(block, signalSize, count, source, offsets, tapGroups, length, to, ld);
            }
        }
    }
}
