using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace StableRank.Networks;

/// <summary>Everything a batch became on its way through a network: one matrix a layer, one sample a column.</summary>
/// <typeparam name="T">double or float.</typeparam>
public sealed class ForwardPass<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Matrix<T>[] _pre;
    private readonly Matrix<T>[] _post;

    /// <summary>Makes the room for a pass of <paramref name="batch"/> samples through <paramref name="network"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The batch is not positive.</exception>
    public ForwardPass(Network<T> network, int batch)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch);
        var depth = network.Layers.Count;
        Pre = new T[depth][];
        Post = new T[depth][];
        _pre = new Matrix<T>[depth];
        _post = new Matrix<T>[depth];
        for (var l = 0; l < depth; l++)
        {
            var layer = network.Layers[l];
            Pre[l] = new T[checked(layer.OutputSize * batch)];
            _pre[l] = Matrix<T>.Build.Dense(layer.OutputSize, batch, Pre[l]);
            // phi is the identity on a linear layer: one matrix serves as both
            Post[l] = layer.Activation == Activation.Linear ? Pre[l] : new T[Pre[l].Length];
            _post[l] = layer.Activation == Activation.Linear ? _pre[l] : Matrix<T>.Build.Dense(layer.OutputSize, batch, Post[l]);
        }

        Batch = batch;
        InputArray = new T[checked(network.InputSize * batch)];
        Inputs = Matrix<T>.Build.Dense(network.InputSize, batch, InputArray);
        Workspace = new T[network.Layers.Max(layer => layer.ForwardWorkspace(batch))];
    }

    /// <summary>The number of samples.</summary>
    public int Batch { get; }

    /// <summary>X, n_0 x batch: the matrix that was given to the last pass, not a copy.</summary>
    public Matrix<T> Inputs { get; internal set; }

    /// <summary>Z_l = W_l X_(l-1) + b_l, n_l x batch, at index l - 1. Overwritten by the next pass that reuses this object.</summary>
    public IReadOnlyList<Matrix<T>> PreActivations => _pre;

    /// <summary>X_l = phi(Z_l), n_l x batch, at index l - 1; on a linear layer the very matrix of <see cref="PreActivations"/>.</summary>
    public IReadOnlyList<Matrix<T>> PostActivations => _post;

    /// <summary>X_L, n_L x batch.</summary>
    public Matrix<T> Outputs => _post[^1];

    /// <summary>The numbers of <see cref="Inputs"/>, a copy only where those are not dense.</summary>
    internal T[] InputArray { get; set; }

    internal T[] Workspace { get; }

    internal T[][] Pre { get; }

    internal T[][] Post { get; }

    /// <summary>What went into a layer, the first being 0.</summary>
    internal T[] InputsOf(int layer) => layer > 0 ? Post[layer - 1] : InputArray;

    internal void Require(Layer<T>[] layers, int batch)
    {
        if (batch != Batch)
        {
            throw new ArgumentException($"The inputs hold {batch} samples but the pass to reuse was made for {Batch}.");
        }

        if (layers.Length != _pre.Length)
        {
            throw new ArgumentException($"The network has {layers.Length} layers but the pass to reuse was made for {_pre.Length}.");
        }

        for (var l = 0; l < layers.Length; l++)
        {
            if (layers[l].OutputSize != _pre[l].RowCount)
            {
                throw new ArgumentException(
                    $"Layer {l + 1} has {layers[l].OutputSize} outputs but the pass to reuse was made for {_pre[l].RowCount}.");
            }

            if (Workspace.Length < layers[l].ForwardWorkspace(batch))
            {
                throw new ArgumentException($"Layer {l + 1} needs a larger workspace than that of the pass to reuse.");
            }

            if (layers[l].Activation != Activation.Linear && ReferenceEquals(_pre[l], _post[l]))
            {
                throw new ArgumentException($"Layer {l + 1} is {layers[l].Activation} but the pass to reuse was made for a linear one.");
            }
        }
    }
}
