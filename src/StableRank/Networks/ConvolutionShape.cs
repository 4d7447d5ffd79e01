namespace StableRank.Networks;

/// <summary>
/// The shape rule of a convolution in one or two dimensions. A sample is a flat column, channel by channel and, in two dimensions, row by
/// row: PyTorch's C x H x W in C order.
/// </summary>
public sealed record ConvolutionShape
{
    /// <summary>A one-dimensional convolution.</summary>
    /// <param name="channels">Channels of the input, at least 1.</param>
    /// <param name="axis">The axis.</param>
    public ConvolutionShape(int channels, ConvolutionAxis axis)
        : this(channels, new ConvolutionAxis(1, 1), axis, 1)
    {
    }

    /// <summary>A two-dimensional convolution.</summary>
    /// <param name="channels">Channels of the input, at least 1.</param>
    /// <param name="vertical">The axis along a column of pixels: its size is the height H.</param>
    /// <param name="horizontal">The axis along a row of pixels: its size is the width W.</param>
    public ConvolutionShape(int channels, ConvolutionAxis vertical, ConvolutionAxis horizontal)
        : this(channels, vertical, horizontal, 2)
    {
    }

    private ConvolutionShape(int channels, ConvolutionAxis vertical, ConvolutionAxis horizontal, int dimensions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentNullException.ThrowIfNull(vertical);
        ArgumentNullException.ThrowIfNull(horizontal);
        Channels = channels;
        Vertical = vertical;
        Horizontal = horizontal;
        Dimensions = dimensions;
        InputSize = checked(channels * vertical.Size * horizontal.Size);
        PatchSize = checked(channels * vertical.Kernel * horizontal.Kernel);
        Positions = checked(vertical.Positions * horizontal.Positions);
    }

    /// <summary>1 or 2.</summary>
    public int Dimensions { get; }

    /// <summary>Channels of the input.</summary>
    public int Channels { get; }

    /// <summary>The axis along a column of pixels; of one pixel and one tap in one dimension.</summary>
    public ConvolutionAxis Vertical { get; }

    /// <summary>The axis along a row of pixels; the only one in one dimension.</summary>
    public ConvolutionAxis Horizontal { get; }

    /// <summary>The entries of a sample: C H W.</summary>
    public int InputSize { get; }

    /// <summary>The entries that one position of the kernel sees, in k k: the columns of the kernel as a matrix.</summary>
    public int PatchSize { get; }

    /// <summary>The positions of the kernel: the entries of one channel of the output.</summary>
    public int Positions { get; }

    /// <summary>The shape of a kernel of so many channels out: (out, in, k) or (out, in, k, k).</summary>
    internal int[] KernelShape(int outputs) =>
        Dimensions == 1 ? [outputs, Channels, Horizontal.Kernel] : [outputs, Channels, Vertical.Kernel, Horizontal.Kernel];
}
