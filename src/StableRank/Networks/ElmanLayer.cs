using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// A recurrent layer of Elman's kind over T time steps: h_t = phi(U x_t + V h_(t-1) + b), h_0 = 0, t = 1, ..., T. A sample is one column:
/// x_1, ..., x_T below one another go in, h_1, ..., h_T come out, so that such layers stack.
/// </summary>
/// <remarks>
/// <para>
/// Back-propagation through time is full, or truncated to tau steps: what the loss says about h_t reaches the pre-activations of the steps
/// t, t - 1, ..., t - tau + 1 and no earlier ones. The gradients are then those of the loss of the truncated computation, in which h_t is
/// computed anew from h_(t-tau), taken as a constant. Tau of T or more is the full gradient, tau of 1 ignores all recurrence.
/// </para>
/// <para>
/// Full: Delta_t = phi'(Z_t) o (G_t + V^T Delta_(t+1)). Truncated: Delta_t is the sum over j = 0, ..., tau - 1 of D_t^(j), with
/// D_t^(0) = phi'(Z_t) o G_t and D_t^(j) = phi'(Z_t) o V^T D_(t+1)^(j-1), for all t in one GEMM. In both dL/dU = sum_t Delta_t X_t^T,
/// dL/dV = sum_t Delta_t H_(t-1)^T, and dL/dX_t = U^T Delta_t.
/// </para>
/// </remarks>
/// <typeparam name="T">double or float.</typeparam>
public sealed class ElmanLayer<T> : Layer<T>
    where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
{
    private readonly Parameter<T> _recurrent;

    /// <summary>Makes a layer of copies of the given weights and biases.</summary>
    /// <param name="steps">T, at least 1.</param>
    /// <param name="inputWeights">U, n x d.</param>
    /// <param name="recurrentWeights">V, n x n.</param>
    /// <param name="bias">b, n entries, or null for a layer without biases.</param>
    /// <param name="activation">phi.</param>
    /// <param name="truncation">tau, at least 1; left out: full back-propagation through time.</param>
    /// <exception cref="ArgumentOutOfRangeException">T or tau is below 1.</exception>
    /// <exception cref="ArgumentException">A weight or bias is not finite, or V or the bias has not the shape that U asks for.</exception>
    public ElmanLayer(
        int steps, Matrix<T> inputWeights, Matrix<T> recurrentWeights, Vector<T>? bias, Activation activation, int? truncation = null)
        : this(
            steps,
            (inputWeights ?? throw new ArgumentNullException(nameof(inputWeights))).RowCount,
            inputWeights.ToColumnMajorArray(),
            CheckedRecurrent(recurrentWeights, inputWeights.RowCount),
            CheckedBias(bias, inputWeights.RowCount, "U"),
            activation ?? throw new ArgumentNullException(nameof(activation)),
            truncation)
    {
        MatrixGuard.RequireFinite(inputWeights, nameof(inputWeights));
    }

    /// <summary>Wraps column-major arrays without copying or checking them.</summary>
    internal ElmanLayer(int steps, int width, T[] input, T[] recurrent, T[]? bias, Activation activation, int? truncation)
        : this(steps, new Parameter<T>("weight_hh", width, recurrent.Length / width, recurrent, [width, width]), input, bias, activation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        if (truncation is { } tau)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(tau, 1, nameof(truncation));
        }

        Truncation = truncation;
        InputSize = checked(steps * StepSize);
        OutputSize = checked(steps * width);
    }

    private ElmanLayer(int steps, Parameter<T> recurrent, T[] input, T[]? bias, Activation activation)
        : base(
            new Parameter<T>(
                "weight_ih", recurrent.Rows, input.Length / recurrent.Rows, input, [recurrent.Rows, input.Length / recurrent.Rows]),
            BiasOf(bias, "bias_ih"),
            activation,
            recurrent)
    {
        _recurrent = recurrent;
        Steps = steps;
    }

    /// <summary>T: the time steps of a sample.</summary>
    public int Steps { get; }

    /// <summary>tau: the steps that a signal goes back; null for all.</summary>
    public int? Truncation { get; }

    /// <summary>d: the features of one time step of the input.</summary>
    public int StepSize => Weight.Columns;

    /// <summary>n: the width of the state.</summary>
    public int Width => Weight.Rows;

    /// <summary>V, n x n: changes to it change the layer.</summary>
    public Matrix<T> RecurrentWeights => _recurrent.Matrix;

    /// <summary>T d.</summary>
    public override int InputSize { get; }

    /// <summary>T n.</summary>
    public override int OutputSize { get; }

    private bool IsTruncated => Truncation < Steps;

    internal override int BackwardWorkspace(int batch) => IsTruncated ? checked(2 * OutputSize * batch) : 0;

    internal override void Forward(ReadOnlySpan<T> inputs, int batch, Span<T> pre, Span<T> post, Span<T> workspace)
    {
        int n = Width, d = StepSize, height = OutputSize;

        // seen as n x (T batch), the batch takes U in one product; one time step of it is every T-th column
        Blas.Gemm<T>(Transpose.No, Transpose.No, n, Steps * batch, d, T.One, Weight.Values, n, inputs, d, T.Zero, pre, n);
        for (var t = 0; t < Steps; t++)
        {
            if (t > 0)
            {
                Blas.Gemm<T>(
                    Transpose.No, Transpose.No, n, batch, n, T.One, _recurrent.Values, n, post[((t - 1) * n)..], height,
                    T.One, pre[(t * n)..], height);
            }

            for (var s = 0; s < batch; s++)
            {
                var start = (s * height) + (t * n);
                DenseKernel.AddBiasAndActivate(BiasParameter?.Values, Activation, n, pre.Slice(start, n), post.Slice(start, n));
            }
        }
    }

    internal override void Backward(
        ReadOnlySpan<T> inputs, int batch, ReadOnlySpan<T> pre, ReadOnlySpan<T> post, Span<T> signal, Span<T> inputGradient,
        Span<T> workspace)
    {
        int n = Width, d = StepSize, columns = Steps * batch;
        if (IsTruncated)
        {
            BackThroughWindows(batch, pre, post, signal, workspace);
        }
        else
        {
            BackThroughTime(batch, pre, post, signal);
        }

        Blas.Gemm<T>(Transpose.No, Transpose.Yes, n, d, columns, T.One, signal, n, inputs, d, T.Zero, Weight.Gradient, n);
        RecurrentGradient(batch, post, signal);
        if (BiasParameter is { } bias)
        {
            DenseKernel.SumColumns<T>(n, signal, bias.Gradient);
        }

        if (!inputGradient.IsEmpty)
        {
            Blas.Gemm<T>(Transpose.Yes, Transpose.No, d, columns, n, T.One, Weight.Values, n, signal, n, T.Zero, inputGradient, d);
        }
    }

    internal override double ForwardFlops => 2.0 * Steps * Width * (StepSize + Width);

    internal override Layer<T> WithOwnGradients(bool copyWeights) => new ElmanLayer<T>(
        Steps, Width, ValuesOf(Weight, copyWeights), ValuesOf(_recurrent, copyWeights), BiasValues(copyWeights), Activation,
        truncation: null);

    /// <summary>sum_t Delta_t X_t^T, sum_t Delta_t H_(t-1)^T, sum_t Delta_t.</summary>
    internal override void SampleGradient(
        ReadOnlySpan<T> input, ReadOnlySpan<T> post, ReadOnlySpan<T> signal, Span<T> gradient, Span<T> workspace)
    {
        int n = Width, d = StepSize;
        Blas.Gemm<T>(Transpose.No, Transpose.Yes, n, d, Steps, T.One, signal, n, input, d, T.Zero, gradient, n);
        Blas.Gemm<T>(
            Transpose.No, Transpose.Yes, n, n, Steps - 1, T.One, signal[(Steps > 1 ? n : 0)..], n, post, n, T.Zero, gradient[(n * d)..], n);
        if (BiasParameter is not null)
        {
            DenseKernel.SumColumns(n, signal, gradient.Slice((n * d) + (n * n), n));
        }
    }

    /// <summary>dZ_t = dU X_t + db + U dX_t + dV H_(t-1) + V dH_(t-1), dH_t = phi'(Z_t) o dZ_t, dH_0 = 0.</summary>
    internal override void Tangent(
        ReadOnlySpan<T[]> direction, ReadOnlySpan<T> inputs, ReadOnlySpan<T> inputTangent, int batch, ReadOnlySpan<T> pre,
        ReadOnlySpan<T> post, Span<T> tangent, Span<T> workspace)
    {
        int n = Width, d = StepSize, height = OutputSize, columns = Steps * batch;
        DenseKernel.Multiply(direction[0], n, d, inputs, columns, tangent);
        if (!inputTangent.IsEmpty)
        {
            Blas.Gemm(Transpose.No, Transpose.No, n, columns, d, T.One, Weight.Values, n, inputTangent, d, T.One, tangent, n);
        }

        if (BiasParameter is not null)
        {
            DenseKernel.AddBias(direction[^1], n, tangent);
        }

        for (var t = 0; t < Steps; t++)
        {
            if (t > 0)
            {
                var dz = tangent[(t * n)..];
                Blas.Gemm<T>(
                    Transpose.No, Transpose.No, n, batch, n, T.One, direction[1], n, post[((t - 1) * n)..], height, T.One, dz, height);
                Blas.Gemm<T>(
                    Transpose.No, Transpose.No, n, batch, n, T.One, _recurrent.Values, n, tangent[((t - 1) * n)..], height,
                    T.One, dz, height);
            }

            for (var s = 0; s < batch; s++)
            {
                var start = (s * height) + (t * n);
                Activation.Backpropagate(pre.Slice(start, n), post.Slice(start, n), tangent.Slice(start, n));
            }
        }
    }

    private static T[] CheckedRecurrent(Matrix<T> recurrentWeights, int width)
    {
        ArgumentNullException.ThrowIfNull(recurrentWeights);
        if (recurrentWeights.RowCount != width || recurrentWeights.ColumnCount != width)
        {
            throw new ArgumentException(
                $"V is {recurrentWeights.RowCount} x {recurrentWeights.ColumnCount} but U has {width} rows; expected {width} x {width}.",
                nameof(recurrentWeights));
        }

        MatrixGuard.RequireFinite(recurrentWeights, nameof(recurrentWeights));
        return recurrentWeights.ToColumnMajorArray();
    }

    private void BackThroughTime(int batch, ReadOnlySpan<T> pre, ReadOnlySpan<T> post, Span<T> signal)
    {
        int n = Width, height = OutputSize;
        for (var t = Steps - 1; t >= 0; t--)
        {
            if (t < Steps - 1)
            {
                Blas.Gemm<T>(
                    Transpose.Yes, Transpose.No, n, batch, n, T.One, _recurrent.Values, n, signal[((t + 1) * n)..], height,
                    T.One, signal[(t * n)..], height);
            }

            for (var s = 0; s < batch; s++)
            {
                var start = (s * height) + (t * n);
                Activation.Backpropagate(pre.Slice(start, n), post.Slice(start, n), signal.Slice(start, n));
            }
        }
    }

    private void BackThroughWindows(int batch, ReadOnlySpan<T> pre, ReadOnlySpan<T> post, Span<T> signal, Span<T> workspace)
    {
        int n = Width, height = OutputSize, length = height * batch;
        var level = workspace[..length];
        var product = workspace.Slice(length, length);
        Activation.Backpropagate(pre, post, signal);
        signal.CopyTo(level);
        for (var j = 1; j < Truncation; j++)
        {
            Blas.Gemm<T>(Transpose.Yes, Transpose.No, n, Steps * batch, n, T.One, _recurrent.Values, n, level, n, T.Zero, product, n);
            for (var start = 0; start < length; start += height)
            {
                product.Slice(start + n, height - n).CopyTo(level[start..]);
                level.Slice(start + height - n, n).Clear();
            }

            Activation.Backpropagate(pre, post, level);
            TensorPrimitives.Add(signal, level, signal);
        }
    }

    /// <summary>sum over t of Delta_t H_(t-1)^T, by time steps or by samples, whichever are fewer.</summary>
    private void RecurrentGradient(int batch, ReadOnlySpan<T> post, ReadOnlySpan<T> signal)
    {
        int n = Width, height = OutputSize;
        var bySteps = Steps - 1 <= batch;
        var products = bySteps ? Steps - 1 : batch;
        if (Steps == 1)
        {
            _recurrent.Gradient.AsSpan().Clear();
        }

        for (var i = 0; i < products && Steps > 1; i++)
        {
            var offset = bySteps ? i * n : i * height;
            var (inner, stride) = bySteps ? (batch, height) : (Steps - 1, n);
            Blas.Gemm<T>(
                Transpose.No, Transpose.Yes, n, n, inner, T.One, signal[(offset + n)..], stride, post[offset..], stride,
                i == 0 ? T.Zero : T.One, _recurrent.Gradient, n);
        }
    }
}
