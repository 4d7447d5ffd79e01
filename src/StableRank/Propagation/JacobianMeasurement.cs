using StableRank.Replication;

namespace StableRank.Propagation;

/// <summary>
/// What a Monte Carlo run measured of P = J J^T, J the Jacobian of layers 1 to l, n_l x n_0, beside <see cref="JacobianPrediction"/> and
/// <see cref="ProductMoments"/>. Standard errors are over replicates; traces of several inputs are averaged within a replicate.
/// </summary>
/// <param name="Layer">l, 1 for the first layer.</param>
/// <param name="Rows">n_l.</param>
/// <param name="LogTrace">The log of the mean of tr P.</param>
/// <param name="LogSquaredTrace">The log of the mean of (tr P)^2.</param>
/// <param name="LogTraceOfSquare">The log of the mean of tr P^2.</param>
/// <param name="LogParticipationRank">
/// The log of mean (tr P)^2 / mean tr P^2, with the delta method's error: <see cref="ProductMoments.ParticipationRank"/>.
/// </param>
/// <param name="InverseParticipationRank">
/// The mean of tr P^2 / (tr P)^2 over networks in which P is not 0: in the limit <see cref="JacobianPrediction.InverseParticipationRank"/>.
/// </param>
public sealed record JacobianMeasurement(
    int Layer,
    int Rows,
    Estimate LogTrace,
    Estimate LogSquaredTrace,
    Estimate LogTraceOfSquare,
    Estimate LogParticipationRank,
    Estimate InverseParticipationRank)
{
    /// <summary>The mean of m_1 = tr P / n_l; infinite or 0 where it leaves the range of double.</summary>
    public Estimate Mean => (LogTrace with { Mean = LogTrace.Mean - Math.Log(Rows) }).Exponential();

    /// <summary>The mean of n_l tr P^2 / (tr P)^2 - 1: the relative variance of the squared singular values of one network.</summary>
    public Estimate RelativeVariance => InverseParticipationRank with
    {
        Mean = Rows * InverseParticipationRank.Mean - 1,
        StandardError = Rows * InverseParticipationRank.StandardError,
        Rounding = Rows * InverseParticipationRank.Rounding,
    };

    /// <summary>mean (tr P)^2 / mean tr P^2.</summary>
    public Estimate ParticipationRank => LogParticipationRank.Exponential();
}
