namespace StableRank.Networks;

/// <summary>
/// An axis of a convolution whose padded pixels u = x + p are sorted by their remainder modulo the stride: a phase holds the pixels
/// u = remainder + v stride, v = 0, 1, ..., so that from one position of the kernel to the next every tap moves by one entry of its phase.
/// Only remainders that some tap meets are kept.
/// </summary>
internal sealed class PhaseAxis
{
    public PhaseAxis(ConvolutionAxis axis)
    {
        TapPhases = new int[axis.Kernel];
        TapShifts = new int[axis.Kernel];
        var remainders = new List<int>();
        for (var tap = 0; tap < axis.Kernel; tap++)
        {
            var (shift, remainder) = Math.DivRem(tap * axis.Dilation, axis.Stride);
            if (!remainders.Contains(remainder))
            {
                remainders.Add(remainder);
            }

            TapPhases[tap] = remainders.IndexOf(remainder);
            TapShifts[tap] = shift;
        }

        Axis = axis;
        Phases = remainders.Count;
        MaxShift = TapShifts[^1];
        Extent = axis.Positions + MaxShift;
        Starts = new int[Phases];
        Firsts = new int[Phases];
        Ends = new int[Phases];
        Overlap = MaxShift;
        for (var phase = 0; phase < Phases; phase++)
        {
            Starts[phase] = remainders[phase] - axis.Padding;
            var first = Starts[phase] >= 0 ? 0 : (axis.Stride - 1 - Starts[phase]) / axis.Stride;
            var last = axis.Size - 1 - Starts[phase];
            Firsts[phase] = Math.Min(first, Extent);
            Ends[phase] = Math.Clamp(last < 0 ? 0 : (last / axis.Stride) + 1, Firsts[phase], Extent);
            Overlap = Math.Min(Overlap, Math.Min(Firsts[phase], Extent - Ends[phase]));
            Pixels += Ends[phase] - Firsts[phase];
        }

        if (axis.Stride == 2 && Phases == 2 && HasPixels(0) && HasPixels(1))
        {
            // the two phases' first pixels are 0 and 1
            Even = Starts[0] % 2 == 0 ? 0 : 1;
            Pairs = Math.Min(Ends[0] - Firsts[0], Ends[1] - Firsts[1]);
        }

        bool HasPixels(int phase) => Ends[phase] > Firsts[phase];
    }

    public ConvolutionAxis Axis { get; }

    /// <summary>How many phases there are.</summary>
    public int Phases { get; }

    /// <summary>The phase of each tap.</summary>
    public int[] TapPhases { get; }

    /// <summary>The entry of its phase that a tap meets at the first position.</summary>
    public int[] TapShifts { get; }

    /// <summary>The greatest of <see cref="TapShifts"/>.</summary>
    public int MaxShift { get; }

    /// <summary>The entries of a phase, padding included.</summary>
    public int Extent { get; }

    /// <summary>The pixel x of a phase's entry 0, negative in the padding; the pixel of entry v is v strides on.</summary>
    public int[] Starts { get; }

    /// <summary>A phase's first entry that is a pixel and not padding.</summary>
    public int[] Firsts { get; }

    /// <summary>The entry after its last pixel.</summary>
    public int[] Ends { get; }

    /// <summary>
    /// The zeros at the end of every phase that may be the ones at the start of the phase's next row: rows can lie so much closer.
    /// </summary>
    public int Overlap { get; }

    /// <summary>At a stride of 2, where both phases have pixels, the phase of the even ones.</summary>
    public int Even { get; }

    /// <summary>There, the entries that each of the two phases has at least; otherwise 0.</summary>
    public int Pairs { get; }

    /// <summary>The pixels that some tap meets at some position.</summary>
    public int Pixels { get; }
}
