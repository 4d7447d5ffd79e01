using StableRank.Replication;

namespace StableRank.Propagation;

/// <summary>
/// What a Monte Carlo run measured behind layer l, beside <see cref="LayerPrediction"/>. Standard errors are over replicates: the inputs
/// of a batch share the network of their replicate, so that replicate means, not inputs, are independent.
/// </summary>
/// <param name="Layer">l, 1 for the first layer.</param>
/// <param name="Rows">n_l.</param>
/// <param name="Columns">n_(l-1).</param>
/// <param name="LogSecondMoment">
/// The log of the mean of ||x_l||^2 / ||x_0||^2, dead signals counting as 0; its standard error is relative.
/// </param>
/// <param name="LogFourthMoment">The log of the mean of ||x_l||^4 / ||x_0||^4.</param>
/// <param name="LogTangentFactor">The log of the mean of ||J v||^2 / ||v||^2.</param>
/// <param name="ExpectedLog">The mean of log(||x_l||^2 / ||x_0||^2) over the signals that are not 0 (a ratio estimate).</param>
/// <param name="RelativeVariance">The variance of ||x_l||^2 / ||x_0||^2 over its squared mean, by the delta method.</param>
/// <param name="AliveProbability">
/// The share of signals that are not 0. Its standard error is at least 1/replicates, so that no death seen does not read as death ruled
/// out.
/// </param>
/// <param name="DeadCount">The number of signals, over replicates and inputs, that are 0.</param>
public sealed record LayerMeasurement(
    int Layer,
    int Rows,
    int Columns,
    Estimate LogSecondMoment,
    Estimate LogFourthMoment,
    Estimate LogTangentFactor,
    Estimate ExpectedLog,
    Estimate RelativeVariance,
    Estimate AliveProbability,
    long DeadCount)
{
    /// <summary>The mean of ||x_l||^2 / ||x_0||^2; infinite or 0 where it leaves the range of double.</summary>
    public Estimate SecondMoment => LogSecondMoment.Exponential();

    /// <summary>The mean of ||x_l||^4 / ||x_0||^4; infinite or 0 where it leaves the range of double.</summary>
    public Estimate FourthMoment => LogFourthMoment.Exponential();

    /// <summary>The mean of ||J v||^2 / ||v||^2; infinite or 0 where it leaves the range of double.</summary>
    public Estimate TangentFactor => LogTangentFactor.Exponential();
}
