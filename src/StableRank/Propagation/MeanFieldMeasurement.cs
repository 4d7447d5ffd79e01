using StableRank.Replication;

namespace StableRank.Propagation;

/// <summary>
/// What a Monte Carlo run measured of pairs of inputs behind the weights and biases of layer l, beside <see cref="MeanFieldLayer"/>.
/// Standard errors are over replicates.
/// </summary>
/// <param name="Layer">l, 1 for the first layer.</param>
/// <param name="Rows">n_l.</param>
/// <param name="LogLengthA">The log of the mean of ||h_l||^2 / n_l over the first inputs of the pairs.</param>
/// <param name="LogLengthB">The same over the second inputs.</param>
/// <param name="Correlation">The mean cosine between the pre-activations of a pair, over pairs in which neither is 0.</param>
/// <param name="Slope">
/// The mean of (||v_l||^2 / n_l) / (||v_(l-1)||^2 / n_(l-1)) for tangent vectors v that start in Gaussian directions: chi_l of
/// <see cref="MeanFieldLayer.Slope"/>.
/// </param>
public sealed record MeanFieldMeasurement(
    int Layer, int Rows, Estimate LogLengthA, Estimate LogLengthB, Estimate Correlation, Estimate Slope)
{
    /// <summary>The mean of ||h_l||^2 / n_l over the first inputs; infinite or 0 where it leaves the range of double.</summary>
    public Estimate LengthA => LogLengthA.Exponential();

    /// <summary>The mean of ||h_l||^2 / n_l over the second inputs.</summary>
    public Estimate LengthB => LogLengthB.Exponential();
}
