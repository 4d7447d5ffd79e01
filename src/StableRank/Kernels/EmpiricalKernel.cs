using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Kernels;

/// <summary>
/// The tangent kernel of a network with given weights, Theta(x, x') = sum_p eta_p J_p(x) J_p(x')^T over its arrays of parameters p, where
/// J_p(x) are the derivatives of the O outputs by the entries of p: theory (5.2). Inputs are features x samples, a sample a column.
/// </summary>
/// <remarks>
/// The kernel is that of the network as it stands at each call: weights are not copied. A recurrent layer whose back-propagation is
/// truncated counts with its full derivatives. Where phi has a kink the derivative is the one that
/// <see cref="Activation.Derivative{T}"/> takes. Nothing of the network is changed, gradients included; calls may run on several threads.
/// </remarks>
/// <typeparam name="T">double or float.</typeparam>
public sealed class EmpiricalKernel<T>
    where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
{
    // entries that the forward passes of the NNGP kernel hold: 128 MB in double
    private const double ForwardEntries = 1 << 24;

    /// <summary>The kernel of a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="multipliers">eta, one an array of parameters.</param>
    /// <exception cref="ArgumentException">There is not one multiplier an array of parameters of the network.</exception>
    public EmpiricalKernel(Network<T> network, ParameterMultipliers multipliers)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(multipliers);
        multipliers.RequireFor(network);
        Network = network;
        Multipliers = multipliers;
    }

    /// <summary>The network.</summary>
    public Network<T> Network { get; }

    /// <summary>eta, one an array of parameters.</summary>
    public ParameterMultipliers Multipliers { get; }

    /// <summary>The samples of a block, where memory is not to choose them.</summary>
    internal int? BlockSamples { get; init; }

    /// <summary>The tiles that are computed at a time; 1 where several kernels are.</summary>
    internal int Workers { get; init; } = Backend.Threads;

    /// <summary>The rows of a tile.</summary>
    internal int TileSide { get; init; } = KernelAssembler<T>.DefaultSide;

    /// <summary>The tangent kernel of one set of inputs or between two.</summary>
    /// <param name="inputs">X, n_0 x N.</param>
    /// <param name="otherInputs">X', n_0 x M; left out: X itself, for half the work and a result symmetric to the last bit.</param>
    /// <param name="output">Which part of the O x O blocks.</param>
    /// <param name="route">How; left out: the cheaper one.</param>
    /// <param name="cancellationToken">Ends the work between tiles.</param>
    /// <exception cref="ArgumentException">A set is empty, has not n_0 rows, or an entry is not finite (the message names it).</exception>
    /// <exception cref="ArgumentOutOfRangeException">The output or the route is no member of its enum.</exception>
    /// <exception cref="InsufficientMemoryException">
    /// The kernel does not fit this machine's memory, or an array; nothing has been allocated. The way out is to pass parts of the inputs,
    /// Ntk(X_i, X_j), and to write each result away.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public EmpiricalKernelResult<T> Ntk(
        Matrix<T> inputs,
        Matrix<T>? otherInputs = null,
        KernelOutput output = KernelOutput.Blocks,
        KernelRoute route = KernelRoute.Automatic,
        CancellationToken cancellationToken = default)
    {
        KernelInputs.Require(Network, inputs, nameof(inputs));
        if (otherInputs is not null)
        {
            KernelInputs.Require(Network, otherInputs, nameof(otherInputs));
        }

        if (!Enum.IsDefined(route))
        {
            throw new ArgumentOutOfRangeException(nameof(route), route, "Expected Automatic, Structured or Contraction.");
        }

        var costs = Costs(inputs.ColumnCount, otherInputs?.ColumnCount, output);
        var cost = route == KernelRoute.Automatic ? costs.MinBy(c => c.Flops)! : costs.Single(c => c.Route == route);
        KernelMemory.Require<T>(cost, Network.OutputSize, inputs.ColumnCount, otherInputs?.ColumnCount ?? inputs.ColumnCount);

        var x = Elements(inputs);
        var y = otherInputs is null ? x : Elements(otherInputs);
        var (n, m) = (inputs.ColumnCount, (otherInputs ?? inputs).ColumnCount);
        var symmetric = otherInputs is null;
        var assembler = new KernelAssembler<T>(output, n, m, Network.OutputSize, symmetric, TileSide, Workers);
        for (var row = 0; row < n; row += cost.Blocks.Rows)
        {
            using var left = Factors(cost.Route, x, row, Math.Min(cost.Blocks.Rows, n - row));
            for (var column = 0; column < (symmetric ? row : m); column += cost.Blocks.Columns)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var right = Factors(cost.Route, y, column, Math.Min(cost.Blocks.Columns, m - column));
                assembler.Add(left, row, right, column, cancellationToken);
            }

            if (symmetric)
            {
                assembler.Add(left, row, left, row, cancellationToken);
            }
        }

        var unit = output == KernelOutput.Blocks ? Network.OutputSize : 1;
        return new([.. assembler.Results.Select(result => MatrixStorage.Dense(n * unit, m * unit, result))], output, cost);
    }

    /// <summary>What <see cref="Ntk"/> would cost by each route; <see cref="KernelCost.Table"/> prints it.</summary>
    /// <param name="count">N, at least 1.</param>
    /// <param name="otherCount">M, at least 1; left out: one set of inputs.</param>
    /// <param name="output">Which part of the kernel.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count is below 1, or the output is no member of its enum.</exception>
    public IReadOnlyList<KernelCost> Costs(int count, int? otherCount = null, KernelOutput output = KernelOutput.Blocks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(otherCount ?? 1, 1, nameof(otherCount));
        if (!Enum.IsDefined(output))
        {
            throw new ArgumentOutOfRangeException(nameof(output), output, "Expected Blocks, Trace or Diagonal.");
        }

        return
        [
            KernelCost.Of(Network, count, otherCount, output, KernelRoute.Structured, BlockSamples),
            KernelCost.Of(Network, count, otherCount, output, KernelRoute.Contraction, BlockSamples),
        ];
    }

    /// <summary>Theta(X, X) v without Theta: J^T v by a backward pass, J of the result by forward mode.</summary>
    /// <param name="inputs">X, n_0 x N.</param>
    /// <param name="v">N O entries, that of output o of sample i at i O + o: the order of <see cref="KernelOutput.Blocks"/>.</param>
    /// <returns>N O entries in the same order.</returns>
    /// <exception cref="ArgumentException">The set is empty, has not n_0 rows or is not finite, or v has not N O entries.</exception>
    public Vector<T> Multiply(Matrix<T> inputs, Vector<T> v) => Multiply(inputs, inputs, v);

    /// <summary>Theta(X, X') v without Theta, N O entries.</summary>
    /// <param name="inputs">X, n_0 x N.</param>
    /// <param name="otherInputs">X', n_0 x M.</param>
    /// <param name="v">M O entries, that of output o of sample j at j O + o.</param>
    /// <exception cref="ArgumentException">A set is empty, has not n_0 rows or is not finite, or v has not M O entries.</exception>
    public Vector<T> Multiply(Matrix<T> inputs, Matrix<T> otherInputs, Vector<T> v)
    {
        KernelInputs.Require(Network, inputs, nameof(inputs));
        KernelInputs.Require(Network, otherInputs, nameof(otherInputs));
        ArgumentNullException.ThrowIfNull(v);
        if (v.Count != (long)otherInputs.ColumnCount * Network.OutputSize)
        {
            throw new ArgumentException(
                $"The vector has {v.Count} entries; expected {otherInputs.ColumnCount} x {Network.OutputSize}, one a sample and output.",
                nameof(v));
        }

        var products = new JacobianProducts<T>(Network) { BlockSamples = BlockSamples };
        var gradient = products.ApplyTransposed(Elements(otherInputs), otherInputs.ColumnCount, v.AsArray() ?? v.ToArray());
        for (var p = 0; p < gradient.Length; p++)
        {
            TensorPrimitives.Multiply(gradient[p], T.CreateTruncating(Multipliers.Values[p]), gradient[p]);
        }

        return Vector<T>.Build.Dense(products.Apply(Elements(inputs), inputs.ColumnCount, gradient));
    }

    /// <summary>
    /// The empirical NNGP kernel X_l^T X_l' / n_l, N x M, of the post-activations X_l of a layer: of the outputs it is the mean over the
    /// outputs of f_o(x) f_o(x'), which theory (5.1) is the limit of.
    /// </summary>
    /// <param name="inputs">X, n_0 x N.</param>
    /// <param name="otherInputs">X', n_0 x M; left out: X itself, and a result symmetric to the last bit.</param>
    /// <param name="layer">l from 0, the inputs themselves, to L, the outputs (left out); L - 1 is the last hidden layer.</param>
    /// <exception cref="ArgumentException">A set is empty, has not n_0 rows, or an entry is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    /// <exception cref="InsufficientMemoryException">The kernel does not fit this machine's memory, or an array.</exception>
    public Matrix<T> Nngp(Matrix<T> inputs, Matrix<T>? otherInputs = null, int? layer = null)
    {
        KernelInputs.Require(Network, inputs, nameof(inputs));
        if (otherInputs is not null)
        {
            KernelInputs.Require(Network, otherInputs, nameof(otherInputs));
        }

        var l = layer ?? Network.Layers.Count;
        ArgumentOutOfRangeException.ThrowIfNegative(l, nameof(layer));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(l, Network.Layers.Count, nameof(layer));
        var (n, m) = (inputs.ColumnCount, (otherInputs ?? inputs).ColumnCount);
        var size = l == 0 ? Network.InputSize : Network.Layers[l - 1].OutputSize;
        double bytes = Unsafe.SizeOf<T>();
        KernelMemory.Require(bytes * n * m, bytes * size * (n + m), n, m, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        var left = Activations(inputs, l, size);
        var result = new T[checked(n * m)];
        var scale = T.One / T.CreateTruncating(size);
        if (otherInputs is null)
        {
            Blas.Syrk<T>(Transpose.Yes, n, size, scale, left, size, T.Zero, result, n);
        }
        else
        {
            var right = Activations(otherInputs, l, size);
            Blas.Gemm<T>(Transpose.Yes, Transpose.No, n, m, size, scale, left, size, right, size, T.Zero, result, n);
        }

        return MatrixStorage.Dense(n, m, result);
    }

    private static T[] Elements(Matrix<T> a) => a.AsColumnMajorArray() ?? a.ToColumnMajorArray();

    /// <summary>X_l of all samples, forward in blocks.</summary>
    private T[] Activations(Matrix<T> inputs, int l, int size)
    {
        var x = Elements(inputs);
        if (l == 0)
        {
            return x;
        }

        var (n, count) = (Network.InputSize, inputs.ColumnCount);
        var result = new T[checked(size * count)];
        var entries = n + (2.0 * Network.Layers.Sum(layer => (double)layer.OutputSize));
        var block = BlockSamples ?? (int)Math.Max(1, ForwardEntries / entries);
        for (var first = 0; first < count; first += block)
        {
            var batch = Math.Min(block, count - first);
            var pass = Network.Forward(MatrixStorage.Dense(n, batch, x.AsSpan(first * n, batch * n).ToArray()));
            pass.Post[l - 1].CopyTo(result, first * size);
        }

        return result;
    }

    private JacobianFactors<T> Factors(KernelRoute route, T[] inputs, int first, int count)
    {
        var block = inputs.AsSpan(first * Network.InputSize, count * Network.InputSize);
        return route == KernelRoute.Structured && Network.Layers.All(layer => layer is DenseLayer<T>)
            ? DenseFactors.Of(Network, Multipliers.Values, block, count)
            : GeneralFactors.Of(Network, Multipliers.Values, block, count, explicitDense: route == KernelRoute.Contraction);
    }
}
