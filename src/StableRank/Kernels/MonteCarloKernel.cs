using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.Networks;
using StableRank.Replication;

namespace StableRank.Kernels;

/// <summary>
/// Empirical kernels averaged over the networks of a model, each drawn with <see cref="Model.Sample{T}"/> from (seed, replicate): what the
/// limit kernels are to be compared with, with a standard error for every entry.
/// </summary>
/// <param name="Nngp">Of the mean over the outputs of f_o(x) f_o(x').</param>
/// <param name="Ntk">Of the mean over the outputs of Theta(x, x')_oo.</param>
/// <param name="Replicates">The number of networks.</param>
/// <param name="Seed">The seed they were drawn from.</param>
public sealed record MonteCarloKernel(KernelEstimate Nngp, KernelEstimate Ntk, int Replicates, ulong Seed)
{
    /// <summary>Draws the networks and averages their kernels. The result does not depend on the number of workers.</summary>
    /// <typeparam name="T">double or float: the precision of the networks; the averages are double.</typeparam>
    /// <param name="model">Any layers.</param>
    /// <param name="inputs">X, n_0 x N, one sample a column.</param>
    /// <param name="replicates">The number of networks, at least 2.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="otherInputs">X', n_0 x M; left out: X itself.</param>
    /// <param name="parameterization">What the tangent kernel differentiates by; 'ntk' takes the gains of the model.</param>
    /// <param name="workers">Networks worked on at a time; left out: the threads of the backend.</param>
    /// <param name="progress">Told of networks done.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ArgumentException">A set is empty, has not n_0 rows, or an entry is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// Fewer than 2 replicates, a number of workers below 1, or an unknown parameterisation.
    /// </exception>
    /// <exception cref="InsufficientMemoryException">A kernel does not fit this machine's memory.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static MonteCarloKernel Run<T>(
        Model model, Matrix<T> inputs, int replicates, ulong seed, Matrix<T>? otherInputs = null,
        KernelParameterization parameterization = KernelParameterization.Ntk, int? workers = null,
        IProgress<ReplicationProgress>? progress = null, CancellationToken cancellationToken = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inputs);
        if (!Enum.IsDefined(parameterization))
        {
            throw new ArgumentOutOfRangeException(
                nameof(parameterization), parameterization, $"The parameterisation is {parameterization}; expected Ntk or Standard.");
        }

        var (n, m) = (inputs.ColumnCount, (otherInputs ?? inputs).ColumnCount);
        KernelAverage nngp = new(n, m), ntk = new(n, m);
        NetworkReplicates.Run(
            ReplicateSize.Of<T>(model, n + m), replicates, seed, workers, progress, cancellationToken,
            () => new Worker<T>(model, inputs, otherInputs, parameterization, nngp, ntk));
        return new(nngp.Estimate(), ntk.Estimate(), replicates, seed);
    }

    private sealed class Worker<T>(
        Model model, Matrix<T> inputs, Matrix<T>? otherInputs, KernelParameterization parameterization, KernelAverage nngp,
        KernelAverage ntk)
        : IReplicateWorker
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run(ulong seed, int replicate, CancellationToken cancellationToken)
        {
            var network = model.Sample<T>(seed, (ulong)replicate);
            var multipliers = parameterization == KernelParameterization.Ntk
                ? ParameterMultipliers.Ntk(model)
                : ParameterMultipliers.Standard(network);
            var kernel = new EmpiricalKernel<T>(network, multipliers) { Workers = 1 };
            ntk.Add(replicate, kernel.Ntk(inputs, otherInputs, KernelOutput.Trace, cancellationToken: cancellationToken).Kernel);
            nngp.Add(replicate, kernel.Nngp(inputs, otherInputs));
        }
    }
}
