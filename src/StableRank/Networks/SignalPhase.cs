namespace StableRank.Networks;

/// <summary>What the gradient at the pixels of one pair of phases is made of: the signals of all output channels at some taps.</summary>
/// <param name="Vertical">The phase of the vertical axis.</param>
/// <param name="Horizontal">The phase of the horizontal axis.</param>
/// <param name="Taps">The taps p k + q that meet such pixels.</param>
/// <param name="Offsets">
/// For each output channel and each of those taps, where the signals lie that the tap brings, against the signals' first position.
/// </param>
/// <param name="Packed">Where this phase's weights begin among those of all phases.</param>
internal sealed record SignalPhase(int Vertical, int Horizontal, int[] Taps, int[] Offsets, int Packed);
