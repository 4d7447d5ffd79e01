using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// A convolution in one or two dimensions followed by an activation, as PyTorch's Conv1d and Conv2d: a cross-correlation, with zeros for
/// padding. A sample is C x H x W flattened channel by channel, row by row, on the way in and on the way out.
/// </summary>
/// <remarks>
/// The kernel is the matrix K of out x (in k k). With P_s the patches of sample s, positions x (in k k), the pre-activations of the sample
/// are the matrix P_s K^T + 1 b^T, positions x out; backward dL/dK = sum_s Delta_s^T P_s, and dL/dX is the adjoint of the patches applied
/// to Delta_s K. The products read the patches from the sample itself, a sample a thread, without any library; where the kernel has few
/// positions, as one as large as the image, or very many weights, P_s is built and a GEMM a sample does the rest. Which of the two, forward
/// and backward, depends on the shape and the precision alone.
/// </remarks>
/// <typeparam name="T">double or float.</typeparam>
public sealed class ConvolutionLayer<T> : Layer<T>
    where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
{
    /// <summary>Null where patches are better.</summary>
    private readonly ConvolutionGrid? _grid;

    /// <summary>Not in use by any call at present.</summary>
    private ConvolutionSweep<T>? _idle;

    /// <summary>Makes a layer of copies of the given kernel and biases.</summary>
    /// <param name="shape">Channels and axes.</param>
    /// <param name="kernel">K, out x (in k k), a row being one output channel's kernel in C order.</param>
    /// <param name="bias">b, one entry an output channel, or null for a layer without biases.</param>
    /// <param name="activation">phi.</param>
    /// <exception cref="ArgumentException">
    /// A weight or bias is not finite, the kernel has not in k k columns, or the bias has not one entry a row of it.
    /// </exception>
    public ConvolutionLayer(ConvolutionShape shape, Matrix<T> kernel, Vector<T>? bias, Activation activation)
        : this(
            shape ?? throw new ArgumentNullException(nameof(shape)),
            (kernel ?? throw new ArgumentNullException(nameof(kernel))).RowCount,
            kernel.ToColumnMajorArray(),
            CheckedBias(bias, kernel.RowCount, "the kernel"),
            activation ?? throw new ArgumentNullException(nameof(activation)))
    {
        if (kernel.ColumnCount != shape.PatchSize)
        {
            throw new ArgumentException(
                $"The kernel is {kernel.RowCount} x {kernel.ColumnCount}; expected {shape.PatchSize} columns: {shape.Channels} channels of "
                + $"{shape.Vertical.Kernel} x {shape.Horizontal.Kernel} taps.",
                nameof(kernel));
        }

        MatrixGuard.RequireFinite(kernel, nameof(kernel));
    }

    /// <summary>Wraps column-major arrays without copying or checking.</summary>
    internal ConvolutionLayer(ConvolutionShape shape, int outputs, T[] kernel, T[]? bias, Activation activation)
        : base(
            new Parameter<T>("weight", outputs, kernel.Length / outputs, kernel, shape.KernelShape(outputs)), BiasOf(bias), activation)
    {
        Shape = shape;
        OutputSize = checked(outputs * shape.Positions);
        _grid = ConvolutionGrid.For(shape, outputs, ConvolutionGrid.LineBytes / Unsafe.SizeOf<T>());
    }

    /// <summary>Channels and axes.</summary>
    public ConvolutionShape Shape { get; }

    /// <summary>The channels of the output.</summary>
    public int OutputChannels => Weight.Rows;

    /// <summary>C H W of the input.</summary>
    public override int InputSize => Shape.InputSize;

    /// <summary>Output channels times positions.</summary>
    public override int OutputSize { get; }

    internal override int ForwardWorkspace(int batch) => Math.Max(
        checked(Shape.Positions * Shape.PatchSize),
        _grid is null ? 0 : ConvolutionSweep<T>.ForwardWorkspace(_grid, OutputChannels, batch));

    internal override int BackwardWorkspace(int batch) => Math.Max(
        checked(Shape.Positions * Shape.PatchSize),
        _grid is null ? 0 : ConvolutionSweep<T>.BackwardWorkspace(_grid, OutputChannels, batch));

    internal override void Forward(ReadOnlySpan<T> inputs, int batch, Span<T> pre, Span<T> post, Span<T> workspace)
    {
        if (_grid is { IsBestForward: true })
        {
            var sweep = Sweep(_grid);
            sweep.Forward(Weight.Values, BiasParameter?.Values, inputs, batch, pre, post, workspace);
            _idle = sweep;
            return;
        }

        int positions = Shape.Positions, taps = Shape.PatchSize, channels = OutputChannels;
        var patches = workspace[..(positions * taps)];
        for (var s = 0; s < batch; s++)
        {
            PatchMatrix.Gather(Shape, inputs.Slice(s * InputSize, InputSize), patches);
            var z = pre.Slice(s * OutputSize, OutputSize);
            Blas.Gemm<T>(
                Transpose.No, Transpose.Yes, positions, channels, taps, T.One, patches, positions, Weight.Values, channels,
                T.Zero, z, positions);
            if (BiasParameter is { } bias)
            {
                for (var c = 0; c < channels; c++)
                {
                    var channel = z.Slice(c * positions, positions);
                    TensorPrimitives.Add(channel, bias.Values[c], channel);
                }
            }

            Activation.Apply<T>(z, post.Slice(s * OutputSize, OutputSize));
        }
    }

    internal override void Backward(
        ReadOnlySpan<T> inputs, int batch, ReadOnlySpan<T> pre, ReadOnlySpan<T> post, Span<T> signal, Span<T> inputGradient,
        Span<T> workspace)
    {
        if (_grid is { IsBestBackward: true })
        {
            var sweep = Sweep(_grid);
            sweep.Backward(
                Weight.Values, inputs, batch, pre, post, signal, inputGradient, Weight.Gradient, BiasParameter?.Gradient, workspace);
            _idle = sweep;
            return;
        }

        int positions = Shape.Positions, taps = Shape.PatchSize, channels = OutputChannels;
        var patches = workspace[..(positions * taps)];
        BiasParameter?.Gradient.AsSpan().Clear();
        inputGradient.Clear();
        for (var s = 0; s < batch; s++)
        {
            var delta = signal.Slice(s * OutputSize, OutputSize);
            Activation.Backpropagate(pre.Slice(s * OutputSize, OutputSize), post.Slice(s * OutputSize, OutputSize), delta);
            SumChannels(delta);
            PatchMatrix.Gather(Shape, inputs.Slice(s * InputSize, InputSize), patches);
            Blas.Gemm<T>(
                Transpose.Yes, Transpose.No, channels, taps, positions, T.One, delta, positions, patches, positions,
                s == 0 ? T.Zero : T.One, Weight.Gradient, channels);
            if (!inputGradient.IsEmpty)
            {
                Blas.Gemm<T>(
                    Transpose.No, Transpose.No, positions, taps, channels, T.One, delta, positions, Weight.Values, channels,
                    T.Zero, patches, positions);
                PatchMatrix.Scatter<T>(Shape, patches, inputGradient.Slice(s * InputSize, InputSize));
            }
        }
    }

    internal override double ForwardFlops => 2.0 * Weight.Values.Length * Shape.Positions;

    internal override Layer<T> WithOwnGradients(bool copyWeights) =>
        new ConvolutionLayer<T>(Shape, OutputChannels, ValuesOf(Weight, copyWeights), BiasValues(copyWeights), Activation);

    /// <summary>Delta^T P, then the sums of Delta over the positions.</summary>
    internal override void SampleGradient(
        ReadOnlySpan<T> input, ReadOnlySpan<T> post, ReadOnlySpan<T> signal, Span<T> gradient, Span<T> workspace)
    {
        int positions = Shape.Positions, taps = Shape.PatchSize, channels = OutputChannels;
        var patches = workspace[..(positions * taps)];
        PatchMatrix.Gather(Shape, input, patches);
        Blas.Gemm<T>(
            Transpose.Yes, Transpose.No, channels, taps, positions, T.One, signal, positions, patches, positions,
            T.Zero, gradient, channels);
        for (var c = 0; c < channels && BiasParameter is not null; c++)
        {
            gradient[(channels * taps) + c] = TensorPrimitives.Sum(signal.Slice(c * positions, positions));
        }
    }

    /// <summary>dZ = P dK^T + 1 db^T + dP K^T for each sample, times phi'(Z).</summary>
    internal override void Tangent(
        ReadOnlySpan<T[]> direction, ReadOnlySpan<T> inputs, ReadOnlySpan<T> inputTangent, int batch, ReadOnlySpan<T> pre,
        ReadOnlySpan<T> post, Span<T> tangent, Span<T> workspace)
    {
        int positions = Shape.Positions, taps = Shape.PatchSize, channels = OutputChannels;
        var patches = workspace[..(positions * taps)];
        for (var s = 0; s < batch; s++)
        {
            var dz = tangent.Slice(s * OutputSize, OutputSize);
            PatchMatrix.Gather(Shape, inputs.Slice(s * InputSize, InputSize), patches);
            Blas.Gemm<T>(
                Transpose.No, Transpose.Yes, positions, channels, taps, T.One, patches, positions, direction[0], channels,
                T.Zero, dz, positions);
            if (!inputTangent.IsEmpty)
            {
                PatchMatrix.Gather(Shape, inputTangent.Slice(s * InputSize, InputSize), patches);
                Blas.Gemm<T>(
                    Transpose.No, Transpose.Yes, positions, channels, taps, T.One, patches, positions, Weight.Values, channels,
                    T.One, dz, positions);
            }

            for (var c = 0; c < channels && BiasParameter is not null; c++)
            {
                var channel = dz.Slice(c * positions, positions);
                TensorPrimitives.Add(channel, direction[^1][c], channel);
            }
        }

        Activation.Backpropagate(pre, post, tangent);
    }

    /// <summary>The idle one, or a new one while another thread has that.</summary>
    private ConvolutionSweep<T> Sweep(ConvolutionGrid grid) =>
        Interlocked.Exchange(ref _idle, null) ?? new ConvolutionSweep<T>(grid, OutputChannels, Activation);

    private void SumChannels(ReadOnlySpan<T> delta)
    {
        if (BiasParameter is { } bias)
        {
            for (var c = 0; c < bias.Rows; c++)
            {
                bias.Gradient[c] += TensorPrimitives.Sum(delta.Slice(c * Shape.Positions, Shape.Positions));
            }
        }
    }
}
