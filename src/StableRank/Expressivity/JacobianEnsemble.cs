using System.Numerics;
using MathNet.Numerics.LinearAlgebra;
using StableRank.LinearAlgebra;
using StableRank.Networks;
using StableRank.Replication;

namespace StableRank.Expressivity;

/// <summary>
/// The Jacobian spectra of many networks of one model, with means over networks and their standard errors. Several inputs are averaged
/// within a network, of those where J is not 0.
/// </summary>
/// <param name="Spectra">Spectra[i][j]: network i at input j.</param>
/// <param name="Seed">Network i is <c>model.Sample(seed, i)</c>.</param>
/// <param name="StableRank">Theory (1.1) of J.</param>
/// <param name="ParticipationRank">Theory (1.2) of J.</param>
/// <param name="LocalDimension">The mean of <see cref="JacobianSpectrum.LocalDimension"/>, inputs with J = 0 counting as 0.</param>
/// <param name="LogVariance">The mean of <see cref="JacobianSpectrum.LogVariance"/>.</param>
/// <param name="LogCondition">The mean of log <see cref="JacobianSpectrum.ConditionOnImage"/>.</param>
/// <param name="SpectralNorm">The mean of s_1, zeros included.</param>
public sealed record JacobianEnsemble(
    IReadOnlyList<IReadOnlyList<JacobianSpectrum>> Spectra,
    ulong Seed,
    Estimate StableRank,
    Estimate ParticipationRank,
    Estimate LocalDimension,
    Estimate LogVariance,
    Estimate LogCondition,
    Estimate SpectralNorm)
{
    /// <summary>The law of all squared singular values, as <see cref="JacobianSpectrum.Squares"/> gives them.</summary>
    public EmpiricalLaw Squares() => new(Spectra.SelectMany(network => network).SelectMany(spectrum => spectrum.Squares()));

    /// <summary>Draws networks from a model and measures their Jacobians, in parallel; the result does not depend on how.</summary>
    /// <typeparam name="T">The precision of the networks.</typeparam>
    /// <param name="model">A model of dense layers.</param>
    /// <param name="inputs">n_0 x batch, one input a column.</param>
    /// <param name="replicates">The number of networks, at least 2.</param>
    /// <param name="seed">Network i is <c>model.Sample(seed, i)</c>.</param>
    /// <param name="workers">The greatest number of networks at a time; left out: as many as the backend has threads.</param>
    /// <param name="progress">Told of about every hundredth of the networks.</param>
    /// <param name="cancellationToken">Looked at before every network and input.</param>
    /// <exception cref="ArgumentException">A layer is not dense, or the inputs are of other rows or not finite.</exception>
    /// <exception cref="ArithmeticException">A signal or a Jacobian left the range of T.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static JacobianEnsemble Run<T>(
        Model model,
        Matrix<T> inputs,
        int replicates,
        ulong seed,
        int? workers = null,
        IProgress<ReplicationProgress>? progress = null,
        CancellationToken cancellationToken = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NetworkReplicates.RequireDense(model, replicates);
        var columns = JacobianSpectrum.CheckedColumns(inputs, model.InputSize);
        var spectra = new IReadOnlyList<JacobianSpectrum>[replicates];
        NetworkReplicates.Run(
            ReplicateSize.Of<T>(model), replicates, seed, workers, progress, cancellationToken,
            () => new Worker<T>(model, columns, spectra));
        return new JacobianEnsemble(
            spectra,
            seed,
            Mean(spectra, spectrum => spectrum.StableRank),
            Mean(spectra, spectrum => spectrum.ParticipationRank),
            Mean(spectra, spectrum => spectrum.LocalDimension),
            Mean(spectra, spectrum => spectrum.IsZero ? null : spectrum.LogVariance),
            Mean(spectra, spectrum => spectrum.IsZero ? null : Math.Log(spectrum.ConditionOnImage)),
            Mean(spectra, spectrum => spectrum.Spectrum.SpectralNorm));
    }

    private static Estimate Mean(IReadOnlyList<JacobianSpectrum>[] spectra, Func<JacobianSpectrum, double?> value) =>
        Estimate.OfReplicates([.. spectra.Select(network => network.Average(value)).OfType<double>()]);

    private sealed class Worker<T>(Model model, T[] inputs, IReadOnlyList<JacobianSpectrum>[] spectra) : IReplicateWorker
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run(ulong seed, int replicate, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var meter = new JacobianMeter<T>(model.Sample<T>(seed, (ulong)replicate));
            var n = model.InputSize;
            var result = new JacobianSpectrum[inputs.Length / n];
            for (var j = 0; j < result.Length; j++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                result[j] = meter.Measure(j, inputs.AsSpan(j * n, n));
            }

            spectra[replicate] = result;
        }
    }
}
