namespace StableRank.Networks;

/// <summary>One spatial axis of a convolution: how many pixels there are and how the kernel moves along them.</summary>
public sealed record ConvolutionAxis
{
    /// <summary>Describes an axis.</summary>
    /// <param name="size">The pixels w of the input.</param>
    /// <param name="kernel">The taps k of the kernel.</param>
    /// <param name="stride">The pixels from one position of the kernel to the next; may exceed k.</param>
    /// <param name="padding">The zeros p before and after the input.</param>
    /// <param name="dilation">The pixels from one tap to the next.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1 (the padding: below 0).</exception>
    /// <exception cref="ArgumentException">The kernel, dilated, is longer than the padded input.</exception>
    public ConvolutionAxis(int size, int kernel, int stride = 1, int padding = 0, int dilation = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(kernel, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        ArgumentOutOfRangeException.ThrowIfLessThan(dilation, 1);
        var padded = size + (2L * padding);
        var extent = ((long)dilation * (kernel - 1)) + 1;
        if (extent > padded)
        {
            throw new ArgumentException(
                $"A kernel of {kernel} taps at dilation {dilation} spans {extent} pixels; expected at most the {padded} of the input "
                + $"({size}, padded by {padding} on both sides).",
                nameof(kernel));
        }

        Size = size;
        Kernel = kernel;
        Stride = stride;
        Padding = padding;
        Dilation = dilation;
        Positions = checked((int)(((padded - extent) / stride) + 1));
    }

    /// <summary>The pixels w of the input.</summary>
    public int Size { get; }

    /// <summary>The taps k of the kernel.</summary>
    public int Kernel { get; }

    /// <summary>The pixels from one position of the kernel to the next.</summary>
    public int Stride { get; }

    /// <summary>The zeros p before and after the input.</summary>
    public int Padding { get; }

    /// <summary>The pixels from one tap to the next.</summary>
    public int Dilation { get; }

    /// <summary>The pixels of the output: floor((w + 2 p - dilation (k - 1) - 1)/stride + 1), theory (6.4).</summary>
    public int Positions { get; }
}
