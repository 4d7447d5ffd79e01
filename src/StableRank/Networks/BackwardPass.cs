using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>
/// What the gradient of a loss became on its way back through a network: one matrix a layer, one sample a column. The gradients of the
/// parameters are in <see cref="Parameter{T}.Gradient"/>; with Delta and A they obey dL/dW_l = Delta_l A_(l-1)^T on dense layers.
/// </summary>
/// <typeparam name="T">double or float.</typeparam>
public sealed class BackwardPass<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Matrix<T>[] _signals;

    /// <summary>Makes the room for backward passes of <paramref name="batch"/> samples through <paramref name="network"/>.</summary>
    /// <param name="network">The network.</param>
    /// <param name="batch">The number of samples.</param>
    /// <param name="inputGradient">Whether the gradient at the network's inputs is computed too; training does not need it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The batch is not positive.</exception>
    public BackwardPass(Network<T> network, int batch, bool inputGradient = false)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        Network = network;
        Batch = batch;
        Signal = new T[network.Layers.Count][];
        _signals = new Matrix<T>[Signal.Length];
        for (var l = 0; l < Signal.Length; l++)
        {
            Signal[l] = new T[checked(network.Layers[l].OutputSize * batch)];
            _signals[l] = Matrix<T>.Build.Dense(network.Layers[l].OutputSize, batch, Signal[l]);
        }

        AtInputs = inputGradient ? new T[checked(network.InputSize * batch)] : [];
        InputGradient = inputGradient ? Matrix<T>.Build.Dense(network.InputSize, batch, AtInputs) : null;
        Workspace = new T[network.Layers.Max(layer => layer.BackwardWorkspace(batch))];
    }

    /// <summary>The number of samples.</summary>
    public int Batch { get; }

    /// <summary>
    /// Delta_l, n_l x batch, at index l - 1: the gradient of the loss at the pre-activations Z_l. Overwritten by the next pass that reuses
    /// this object. Under a truncated back-propagation through time it is what reaches Z_l inside the windows
    /// (see <see cref="ElmanLayer{T}"/>).
    /// </summary>
    public IReadOnlyList<Matrix<T>> Signals => _signals;

    /// <summary>The gradient of the loss at the network's inputs, n_0 x batch; null where it was not asked for.</summary>
    public Matrix<T>? InputGradient { get; }

    /// <summary>The forward pass that the last backward pass started from, with the activations A; null before the first.</summary>
    public ForwardPass<T>? Forward { get; internal set; }

    internal Network<T> Network { get; }

    internal T[][] Signal { get; }

    internal T[] AtInputs { get; }

    internal T[] Workspace { get; }
}
