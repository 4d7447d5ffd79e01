using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Kernels;

/// <summary>
/// The kernels of a model as its widths and the participation ranks of its layers grow: the NNGP, which is the covariance of an
/// output over networks (theory (5.1)), and the neural tangent kernel (theory (5.3); Jacot, Gabriel and Hongler 2018). An ensemble enters
/// through its gain g alone, theory (2.4): each layer's stable rank is a linear factor.
/// </summary>
/// <remarks>
/// <para>
/// K^1 = g_1 x.x'/n_0 + s_b^2, K^(l+1) = g T_phi(K^l) + s_b^2, Theta^1 = eta_w x.x'/n_0 + eta_b,
/// Theta^(l+1) = eta_w T_phi(K^l) + eta_b + g T_phi'(K^l) Theta^l. Where the last layer is linear the kernels are K^L and Theta^L; where it
/// has an activation they are T_phi(K^L) and T_phi'(K^L) Theta^L, which the mean over the outputs tends to.
/// </para>
/// <para>
/// In a convolution K and Theta belong to a pixel; A and H above (T_phi and T_phi' Theta) are their means over the taps, where a tap in
/// the padding counts with 0 (Novak et al. 2019; Arora et al. 2019). A dense layer takes the mean over all pixels, as Flatten does; global
/// average pooling the mean over all pairs of pixels, which are then carried from the inputs on. A recurrent layer has K and Theta at each
/// time step: K_t = g_U A_t + g_V T_phi(K_(t-1)) + s_b^2, and Theta likewise, summed over the shared weights (Yang 2020); a dense layer
/// takes the mean over the steps. A model that ends in such a layer has the means over its positions. On a dense layer, whose outputs are
/// independent, all pixels or steps are alike.
/// </para>
/// <para>
/// Beside the two N x M results there are only buffers of the size of the inputs and of a tile for each thread: two N x M buffers in
/// all. One set of inputs is half the work, and gives kernels that are symmetric to the last bit, with a diagonal from the recursion for
/// c = 1. Correlations that differ from 1 or -1 by less than 16 units of rounding are taken to be 1 or -1.
/// </para>
/// </remarks>
public sealed class LimitKernel
{
    private readonly KernelChain _chain;

    private LimitKernel(Model model, KernelParameterization parameterization)
    {
        Model = model;
        Parameterization = parameterization;
        _chain = new KernelChain(model, parameterization);
        (RelativeSpread, Warnings) = KernelSpread.Of(model);
    }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>What the tangent kernel differentiates by.</summary>
    public KernelParameterization Parameterization { get; }

    /// <summary>
    /// About how far the kernel k(x, x) of one network of the model scatters, relative to its mean: sqrt(prod_l (1 + v_l) - 1). For
    /// models of bias-free linear, ReLU and leaky-ReLU layers v_l is the exact relative variance of ||x_l||^2 given x_(l-1), theory
    /// (4.2) and (4.4); otherwise the spread is sqrt(sum v_l), an order of magnitude, with v_l = 2/m_l and the relative variance of
    /// ||W_l x||^2, theory (4.2), which is 2/p_l where p_l is far below n_l, theory (5.5). The last layer, if it is linear, has the exact
    /// relative variance of the norm of a row of W_L: the kernel is that of one output.
    /// </summary>
    public double RelativeSpread { get; }

    /// <summary>A warning where <see cref="RelativeSpread"/> exceeds 0.1, which names the layers that it comes from; else empty.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The limit kernels of a model.</summary>
    /// <param name="model">Dense, convolutional, pooled and recurrent layers.</param>
    /// <param name="parameterization">What the tangent kernel differentiates by.</param>
    /// <exception cref="ArgumentException">
    /// A convolution stands on a recurrent layer or the reverse, or a recurrent layer truncates back-propagation.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The parameterisation is not known.</exception>
    public static LimitKernel Of(Model model, KernelParameterization parameterization = KernelParameterization.Ntk)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (!Enum.IsDefined(parameterization))
        {
            throw new ArgumentOutOfRangeException(
                nameof(parameterization), parameterization, $"The parameterisation is {parameterization}; expected Ntk or Standard.");
        }

        return new LimitKernel(model, parameterization);
    }

    /// <summary>Both kernels of N samples against M.</summary>
    /// <param name="inputs">n_0 x N, one sample a column.</param>
    /// <param name="otherInputs">n_0 x M; left out, the samples against themselves.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ArgumentException">
    /// The rows are not n_0, there is no column, or an entry is not finite.
    /// </exception>
    /// <exception cref="InsufficientMemoryException">
    /// The kernels do not fit into memory (the message names the bytes, and <see cref="ComputeBlocks"/> as the way out).
    /// </exception>
    /// <exception cref="OverflowException">A variance exceeds the range of double.</exception>
    public LimitKernelResult Compute(
        Matrix<double> inputs, Matrix<double>? otherInputs = null, CancellationToken cancellationToken = default)
    {
        var symmetric = Require(inputs, otherInputs);
        var (n, m) = (inputs.ColumnCount, (otherInputs ?? inputs).ColumnCount);
        KernelMemory.Require(n, m, 2);
        var sweep = Sweep(inputs, symmetric ? null : otherInputs);
        var nngp = GC.AllocateUninitializedArray<double>(n * m);
        var ntk = GC.AllocateUninitializedArray<double>(n * m);
        sweep.Fill(0, n, 0, m, symmetric, nngp, ntk, cancellationToken);
        return new LimitKernelResult(Bind(n, m, nngp), Bind(n, m, ntk), Warnings, RelativeSpread, sweep.Error);
    }

    /// <summary>
    /// Both kernels block by block, for those too large for memory. Blocks come one at a time on the calling thread, columns of blocks one
    /// after the other and from the top down; each has matrices of its own, which the receiver may keep. Of one set of inputs only the
    /// blocks on and below the diagonal come: those above it are their transposes.
    /// </summary>
    /// <param name="inputs">n_0 x N, one sample a column.</param>
    /// <param name="otherInputs">n_0 x M; null for the samples against themselves.</param>
    /// <param name="blockSize">
    /// The rows and columns of a block (less at the ends); a multiple of 128 gives the bits of <see cref="Compute"/>.
    /// </param>
    /// <param name="consume">Receives the blocks.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The greatest error of an expectation, see <see cref="LimitKernelResult.Error"/>.</returns>
    /// <exception cref="ArgumentException">
    /// The rows are not n_0, there is no column, or an entry is not finite.
    /// </exception>
    /// <exception cref="InsufficientMemoryException">A block does not fit into memory.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size of a block is not positive.</exception>
    /// <exception cref="OverflowException">A variance exceeds the range of double.</exception>
    public double ComputeBlocks(
        Matrix<double> inputs, Matrix<double>? otherInputs, int blockSize, Action<KernelBlock> consume,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(consume);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockSize);
        var symmetric = Require(inputs, otherInputs);
        var (n, m) = (inputs.ColumnCount, (otherInputs ?? inputs).ColumnCount);
        KernelMemory.Require(Math.Min(n, blockSize), Math.Min(m, blockSize), 2);
        var sweep = Sweep(inputs, symmetric ? null : otherInputs);
        for (var column = 0; column < m; column += Math.Min(blockSize, m - column))
        {
            for (var row = symmetric ? column : 0; row < n; row += Math.Min(blockSize, n - row))
            {
                var (height, width) = (Math.Min(blockSize, n - row), Math.Min(blockSize, m - column));
                var nngp = GC.AllocateUninitializedArray<double>(height * width);
                var ntk = GC.AllocateUninitializedArray<double>(height * width);
                sweep.Fill(row, height, column, width, symmetric && row == column, nngp, ntk, cancellationToken);
                consume(new KernelBlock(row, column, Bind(height, width, nngp), Bind(height, width, ntk)));
            }
        }

        return sweep.Error;
    }

    /// <summary>A matrix over the array itself.</summary>
    private static Matrix<double> Bind(int rows, int columns, double[] values) => Matrix<double>.Build.Dense(rows, columns, values);

    private TileSweep Sweep(Matrix<double> inputs, Matrix<double>? otherInputs)
    {
        var rows = Variances(inputs, nameof(inputs));
        return new TileSweep(_chain, rows, otherInputs is null ? rows : Variances(otherInputs, nameof(otherInputs)));
    }

    private SampleVariances Variances(Matrix<double> inputs, string name) =>
        new(_chain, inputs.AsColumnMajorArray() ?? inputs.ToColumnMajorArray(), inputs.RowCount, name);

    /// <summary>Checks the inputs; whether there is one set of them.</summary>
    private bool Require(Matrix<double> inputs, Matrix<double>? otherInputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        RequireOne(inputs, nameof(inputs));
        if (otherInputs is null || ReferenceEquals(inputs, otherInputs))
        {
            return true;
        }

        RequireOne(otherInputs, nameof(otherInputs));
        return false;
    }

    private void RequireOne(Matrix<double> inputs, string name)
    {
        if (inputs.RowCount != Model.InputSize)
        {
            throw new ArgumentException(
                $"The matrix {name} is {inputs.RowCount} x {inputs.ColumnCount} but the model takes {Model.InputSize} features; expected "
                + $"{Model.InputSize} rows, one sample a column.",
                name);
        }

        if (inputs.ColumnCount == 0)
        {
            throw new ArgumentException($"The matrix {name} has no column; expected at least one sample.", name);
        }

        MatrixGuard.RequireFinite(inputs, name);
    }
}
