using System.Numerics;
using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Networks;

namespace StableRank.Kernels;

/// <summary>
/// Factors of a network of any layers: a backward pass of O copies of each sample, one an output. Dense layers give activations and
/// signals, all others (or, on request, all) one common factor: the gradients of their parameters, a column a sample and output, those of
/// array p times sqrt(eta_p).
/// </summary>
internal static class GeneralFactors
{
    /// <param name="network">The network; its gradients are not touched.</param>
    /// <param name="multipliers">eta, one an array of parameters.</param>
    /// <param name="inputs">n_0 x count, column-major.</param>
    /// <param name="count">The samples of the block.</param>
    /// <param name="explicitDense">Whether dense layers give gradients too.</param>
    public static JacobianFactors<T> Of<T>(
        Network<T> network, IReadOnlyList<double> multipliers, ReadOnlySpan<T> inputs, int count, bool explicitDense)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var outputs = network.OutputSize;
        var columns = checked(count * outputs);
        var (pass, back) = Passes(network, inputs, columns);
        var factors = new JacobianFactors<T>(count, outputs);
        var layers = network.Layers;
        bool IsExplicit(Layer<T> layer) => explicitDense || layer is not DenseLayer<T>;
        var height = layers.Where(IsExplicit).Sum(layer => layer.Parameters.Sum(parameter => parameter.Values.Length));
        var jacobian = height > 0 ? factors.Rent((long)height * columns) : [];
        if (height > 0)
        {
            factors.Parts.Add(new(jacobian, height));
        }

        var workspace = new T[layers.Max(layer => layer.BackwardWorkspace(1))];
        int p = 0, offset = 0;
        for (var l = 0; l < layers.Count; l++)
        {
            var layer = layers[l];
            var below = l > 0 ? pass.Post[l - 1] : pass.InputArray;
            var (n, m) = (layer.InputSize, layer.OutputSize);
            var etas = layer.Parameters.Select((parameter, i) => (parameter.Values.Length, Eta: multipliers[p + i])).ToArray();
            p += etas.Length;
            if (!IsExplicit(layer))
            {
                var isTop = l == layers.Count - 1;
                factors.Parts.Add(new(
                    isTop ? Diagonals(back.Signal[l], outputs, factors.Rent(columns)) : back.Signal[l], m, below, n, checked(n * outputs),
                    T.CreateTruncating(etas[0].Eta), layer.BiasParameter is null ? T.Zero : T.CreateTruncating(etas[1].Eta), isTop));
                continue;
            }

            for (var column = 0; column < columns; column++)
            {
                var gradient = jacobian.AsSpan((column * height) + offset, etas.Sum(eta => eta.Length));
                layer.SampleGradient(
                    below.AsSpan(column * n, n), pass.Post[l].AsSpan(column * m, m), back.Signal[l].AsSpan(column * m, m), gradient,
                    workspace);
                foreach (var (length, eta) in etas)
                {
                    if (eta != 1)
                    {
                        TensorPrimitives.Multiply(gradient[..length], T.CreateTruncating(Math.Sqrt(eta)), gradient[..length]);
                    }

                    gradient = gradient[length..];
                }
            }

            offset += etas.Sum(eta => eta.Length);
        }

        return factors;
    }

    /// <summary>Forward and backward with column i O + o for output o of sample i, on a network that shares the weights.</summary>
    private static (ForwardPass<T> Pass, BackwardPass<T> Back) Passes<T>(Network<T> network, ReadOnlySpan<T> inputs, int columns)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (n, outputs) = (network.InputSize, network.OutputSize);
        var copies = new T[checked(n * columns)];
        var seeds = new T[checked(outputs * columns)];
        for (var column = 0; column < columns; column++)
        {
            inputs.Slice(column / outputs * n, n).CopyTo(copies.AsSpan(column * n, n));
            seeds[(column * outputs) + (column % outputs)] = T.One;
        }

        var own = network.WithOwnGradients();
        var pass = own.Forward(Matrix<T>.Build.Dense(n, columns, copies));
        return (pass, own.Backward(pass, seeds));
    }

    /// <summary>Entry o of column (i, o): the only one of a top layer's signal that is not zero.</summary>
    private static T[] Diagonals<T>(T[] signals, int outputs, T[] diagonals)
        where T : unmanaged
    {
        for (var column = 0; column < signals.Length / outputs; column++)
        {
            diagonals[column] = signals[(column * outputs) + (column % outputs)];
        }

        return diagonals;
    }
}
