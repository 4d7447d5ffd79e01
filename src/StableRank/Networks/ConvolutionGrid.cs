namespace StableRank.Networks;

/// <summary>
/// Where a convolution finds its numbers when no patch matrix is built. A channel of the input is laid out as planes, one for each pair of
/// phases of the two axes (<see cref="PhaseAxis"/>), padding included, with rows of <see cref="Pitch"/> entries. The positions of the
/// kernel then are the numbers 0, 1, ..., <see cref="Length"/> - 1 of a grid with the same pitch, and what tap q sees at position g is
/// entry <c>TapOffsets[q] + g</c>: a patch matrix's column is a piece of a plane. A grid's row has a few entries too many, which stand for
/// nothing.
/// </summary>
internal sealed class ConvolutionGrid
{
    /// <summary>Bytes that vectors read at once at most: planes lie at multiples of it, and end with as much room.</summary>
    public const int LineBytes = 64;

    /// <summary>Output channels that a kernel's weights are packed by.</summary>
    public const int ChannelGroup = 8;

    /// <summary>Taps that gradients of the weights are computed by.</summary>
    public const int TapGroup = 6;

    /// <summary>
    /// The share of useful entries below which a patch matrix is better: forward, kernels of 14 on 28 pixels (0.55) still gain with 64
    /// channels, in double those of 18 (0.41) lose.
    /// </summary>
    private const double LeastUse = 0.5;

    /// <summary>The same of the backward pass: kernels of 10 on 28 pixels (0.69) gain or break even, of 14 lose up to half.</summary>
    private const double LeastUseBackward = 0.6;

    /// <summary>
    /// Vectors of a channel of the output up to which the gradient of many weights is better a GEMM: from 16 to 2 vectors the backward pass
    /// of 256 or 512 channels takes 0.9 to 2.4 times that of patches, mostly more than 1; of 128 channels it gains.
    /// </summary>
    private const int FewVectors = 16;

    /// <summary>Products of input and output channels that are many in this sense.</summary>
    private const int ManyPairs = 1 << 16;

    /// <summary>
    /// Weights whose gradient, read and written for every sample, no longer stays in a cache. Measured: at 590 000 as fast as patches, at
    /// 1.6 and 2.4 million 1.1 to 1.45 times their time.
    /// </summary>
    private const int ManyWeights = 1 << 20;

    /// <summary>Weights from which the forward pass loses too: at 2.4 million it breaks even, at 6.6 million it takes 1.3 times.</summary>
    private const int VeryManyWeights = 1 << 22;

    private ConvolutionGrid(ConvolutionShape shape, int outputs, int lineLength)
    {
        Vertical = new PhaseAxis(shape.Vertical);
        Horizontal = new PhaseAxis(shape.Horizontal);
        Shape = shape;
        Pitch = Horizontal.Extent - Horizontal.Overlap;
        Length = checked(((shape.Vertical.Positions - 1) * Pitch) + shape.Horizontal.Positions);
        GridSize = OddLines(Length, lineLength);
        var plane = checked(((Vertical.Extent - 1) * Pitch) + Horizontal.Extent + lineLength);
        PlaneSize = OddLines(plane, lineLength);
        PlanesSize = checked(PlaneSize * Vertical.Phases * Horizontal.Phases * shape.Channels);
        SignalStart = RoundUp((Vertical.MaxShift * Pitch) + Horizontal.MaxShift, lineLength);
        SignalSize = OddLines(checked(SignalStart + (Vertical.Extent * Pitch) + lineLength), lineLength);
        InputGridSize = OddLines(checked(Vertical.Extent * Pitch), lineLength);
        (TapOffsets, Phases) = (Offsets(), PhasesOf(outputs));
        var weights = (long)outputs * shape.PatchSize;
        IsBestForward = weights < VeryManyWeights;
        IsBestBackward = weights < ManyWeights && shape.Positions >= LeastUseBackward * Length
            && (Length > FewVectors * lineLength || (long)outputs * shape.Channels < ManyPairs);
    }

    public ConvolutionShape Shape { get; }

    public PhaseAxis Vertical { get; }

    public PhaseAxis Horizontal { get; }

    /// <summary>From one row of a plane, and of a grid, to the next.</summary>
    public int Pitch { get; }

    /// <summary>The entries of a grid of the output, those between rows included.</summary>
    public int Length { get; }

    /// <summary>From one output channel's grid to the next.</summary>
    public int GridSize { get; }

    /// <summary>From one plane to the next.</summary>
    public int PlaneSize { get; }

    /// <summary>All planes of a sample.</summary>
    public int PlanesSize { get; }

    /// <summary>
    /// The zeros before the first entry of a channel of the signals Delta, laid out as a grid: a tap's signal comes from up to so far
    /// before.
    /// </summary>
    public int SignalStart { get; }

    /// <summary>From one channel of the signals to the next.</summary>
    public int SignalSize { get; }

    /// <summary>From one input channel to the next of the gradient of a phase's pixels.</summary>
    public int InputGridSize { get; }

    /// <summary>
    /// For each column of the kernel, entry 0 of the grid in the planes; filled up to a multiple of <see cref="TapGroup"/> with the last
    /// one.
    /// </summary>
    public int[] TapOffsets { get; }

    /// <summary>What each pair of phases is made of on the way back.</summary>
    public SignalPhase[] Phases { get; }

    /// <summary>Whether the forward pass is faster so than by patches.</summary>
    public bool IsBestForward { get; }

    /// <summary>Whether the backward pass is.</summary>
    public bool IsBestBackward { get; }

    /// <summary>The grid of a shape; null where most of its entries would be of no use, as with a kernel as large as the image.</summary>
    /// <param name="shape">Channels and axes.</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="lineLength">The entries of <see cref="LineBytes"/>.</param>
    public static ConvolutionGrid? For(ConvolutionShape shape, int outputs, int lineLength)
    {
        // in double, as these products may be as long as they like
        ConvolutionAxis v = shape.Vertical, h = shape.Horizontal;
        double Extent(ConvolutionAxis axis) => axis.Positions + Math.Floor((axis.Kernel - 1.0) * axis.Dilation / axis.Stride);
        double rows = Extent(v), pitch = Extent(h);
        var entries = ((v.Positions - 1) * pitch) + h.Positions + (lineLength / 2.0);
        var planes = rows * pitch * Math.Min(v.Kernel, v.Stride) * Math.Min(h.Kernel, h.Stride);
        return shape.Positions >= LeastUse * entries && shape.InputSize / shape.Channels >= LeastUse / 2 * planes
            ? Of(shape, outputs, lineLength)
            : null;
    }

    /// <summary>The same however little of it is of use.</summary>
    public static ConvolutionGrid Of(ConvolutionShape shape, int outputs, int lineLength) => new(shape, outputs, lineLength);

    public static int RoundUp(int value, int multiple) => checked((value + multiple - 1) / multiple * multiple);

    /// <summary>An odd number of lines, so that channels do not meet in the same sets of a cache.</summary>
    private static int OddLines(int value, int lineLength) => checked(((RoundUp(value, lineLength) / lineLength) | 1) * lineLength);

    private int[] Offsets()
    {
        var taps = Shape.PatchSize;
        var offsets = new int[RoundUp(taps, TapGroup)];
        int rows = Shape.Vertical.Kernel, columns = Shape.Horizontal.Kernel;
        for (var tap = 0; tap < taps; tap++)
        {
            var (channel, p, q) = (tap / (rows * columns), tap / columns % rows, tap % columns);
            var plane = (((channel * Vertical.Phases) + Vertical.TapPhases[p]) * Horizontal.Phases) + Horizontal.TapPhases[q];
            offsets[tap] = (plane * PlaneSize) + (Vertical.TapShifts[p] * Pitch) + Horizontal.TapShifts[q];
        }

        offsets.AsSpan(taps).Fill(offsets[taps - 1]);
        return offsets;
    }

    private SignalPhase[] PhasesOf(int outputs)
    {
        var phases = new List<SignalPhase>();
        var packed = 0;
        for (var a = 0; a < Vertical.Phases; a++)
        {
            for (var b = 0; b < Horizontal.Phases; b++)
            {
                var (taps, offsets) = (new List<int>(), new List<int>());
                for (var tap = 0; tap < Shape.Vertical.Kernel * Shape.Horizontal.Kernel; tap++)
                {
                    var (p, q) = Math.DivRem(tap, Shape.Horizontal.Kernel);
                    if (Vertical.TapPhases[p] == a && Horizontal.TapPhases[q] == b)
                    {
                        taps.Add(tap);
                        offsets.Add((Vertical.TapShifts[p] * Pitch) + Horizontal.TapShifts[q]);
                    }
                }

                var all = Enumerable.Range(0, outputs).SelectMany(c => offsets.Select(o => (c * SignalSize) - o)).ToArray();
                phases.Add(new SignalPhase(a, b, [.. taps], all, packed));
                packed = checked(packed + (all.Length * RoundUp(Shape.Channels, ChannelGroup)));
            }
        }

        return [.. phases];
    }
}
