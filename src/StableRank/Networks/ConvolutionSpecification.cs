using StableRank.Ensembles;

namespace StableRank.Networks;

/// <summary>The law of one convolution: the ensemble of the kernel as a matrix of out x (in k k).</summary>
public sealed record ConvolutionSpecification : LayerSpecification
{
    /// <summary>Makes the specification of a convolution in one or two dimensions.</summary>
    /// <param name="shape">Channels and axes.</param>
    /// <param name="kernels">The law of the kernel: as many rows as channels out, as many columns as a patch has entries.</param>
    /// <param name="activation">phi.</param>
    /// <param name="biasVariance">Variance of the independent, centred Gaussian biases, one an output channel; 0 for none.</param>
    /// <exception cref="ArgumentException">The ensemble has not in k k columns.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The variance is negative or not finite.</exception>
    public ConvolutionSpecification(ConvolutionShape shape, Ensemble kernels, Activation activation, double biasVariance = 0)
        : base(kernels, activation, biasVariance)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (kernels.Columns != shape.PatchSize)
        {
            throw new ArgumentException(
                $"The ensemble of the kernel is {kernels.Rows} x {kernels.Columns}; expected {shape.PatchSize} columns: "
                + $"{shape.Channels} channels of {shape.Vertical.Kernel} x {shape.Horizontal.Kernel} taps.",
                nameof(kernels));
        }

        Shape = shape;
        OutputSize = checked(kernels.Rows * shape.Positions);
    }

    /// <summary>Channels and axes.</summary>
    public ConvolutionShape Shape { get; }

    /// <summary>C H W of the input.</summary>
    public override int InputSize => Shape.InputSize;

    /// <summary>Output channels times positions.</summary>
    public override int OutputSize { get; }

    internal override Layer<T> Draw<T>(ulong seed, int layer, ulong replicate)
    {
        var (kernel, bias) = DrawArrays<T>(seed, layer, replicate);
        return new ConvolutionLayer<T>(Shape, Weights.Rows, kernel, bias, Activation);
    }
}
