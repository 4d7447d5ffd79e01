using StableRank.Ensembles;

namespace StableRank.Networks;

/// <summary>The law of one recurrent layer h_t = phi(U x_t + V h_(t-1) + b): the ensembles of U and of V.</summary>
public sealed record ElmanSpecification : LayerSpecification
{
    /// <summary>Makes the specification of a recurrent layer.</summary>
    /// <param name="steps">The time steps T of a sample.</param>
    /// <param name="inputWeights">The law of U, n x d.</param>
    /// <param name="recurrentWeights">The law of V, n x n.</param>
    /// <param name="activation">phi.</param>
    /// <param name="biasVariance">Variance of the independent, centred Gaussian biases; 0 for a layer without biases.</param>
    /// <param name="truncation">The steps tau that back-propagation goes back in time; left out: all of them.</param>
    /// <exception cref="ArgumentException">V is not n x n.</exception>
    /// <exception cref="ArgumentOutOfRangeException">T or tau is below 1, or the variance is negative or not finite.</exception>
    public ElmanSpecification(
        int steps, Ensemble inputWeights, Ensemble recurrentWeights, Activation activation, double biasVariance = 0, int? truncation = null)
        : base(inputWeights, activation, biasVariance)
    {
        ArgumentNullException.ThrowIfNull(recurrentWeights);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        if (truncation is { } tau)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(tau, 1, nameof(truncation));
        }

        if (recurrentWeights.Rows != inputWeights.Rows || recurrentWeights.Columns != inputWeights.Rows)
        {
            throw new ArgumentException(
                $"The ensemble of V is {recurrentWeights.Rows} x {recurrentWeights.Columns} but that of U has {inputWeights.Rows} rows; "
                + $"expected {inputWeights.Rows} x {inputWeights.Rows}.",
                nameof(recurrentWeights));
        }

        Steps = steps;
        RecurrentWeights = recurrentWeights;
        Truncation = truncation;
        InputSize = checked(steps * inputWeights.Columns);
        OutputSize = checked(steps * inputWeights.Rows);
    }

    /// <summary>T: the time steps of a sample.</summary>
    public int Steps { get; }

    /// <summary>The law of V, n x n.</summary>
    public Ensemble RecurrentWeights { get; }

    /// <summary>tau: the steps that a signal goes back; null for all.</summary>
    public int? Truncation { get; }

    /// <summary>T d.</summary>
    public override int InputSize { get; }

    /// <summary>T n.</summary>
    public override int OutputSize { get; }

    internal override Layer<T> Draw<T>(ulong seed, int layer, ulong replicate)
    {
        var (input, bias) = DrawArrays<T>(seed, layer, replicate);
        var recurrent = new T[checked(Weights.Rows * Weights.Rows)];
        RecurrentWeights.Sample<T>(recurrent, NetworkStreams.RecurrentWeights(seed, layer, replicate));
        return new ElmanLayer<T>(Steps, Weights.Rows, input, recurrent, bias, Activation, Truncation);
    }
}
