namespace StableRank.Propagation;

/// <summary>
/// What theory (4.8) predicts of the squared singular values of J_l, the Jacobian of layers 1 to l, n_l x n_0, J_l = D_l W_l J_(l-1).
/// Moments are normalised traces over the output: m_k = (1/n_l) tr (J J^T)^k.
/// </summary>
/// <param name="Layer">l, 1 for the first layer.</param>
/// <param name="Rows">n_l.</param>
/// <param name="Length">q_l, at which phi_l' is taken.</param>
/// <param name="LogMean">log m_1 = sum log(g E phi'^2).</param>
/// <param name="InverseParticipationRank">
/// tr (J J^T)^2 / (tr J J^T)^2 = 1/n_0 + sum over layers of [1/p - 1/(fan-in) + (kappa - 1)/(fan-out)].
/// </param>
/// <param name="ActivationKurtosis">kappa = E phi'^4 / (E phi'^2)^2 of this layer; 1 for linear, 2 for ReLU.</param>
public sealed record JacobianPrediction(
    int Layer, int Rows, double Length, double LogMean, double InverseParticipationRank, double ActivationKurtosis)
{
    /// <summary>m_1; infinite or 0 where it leaves the range of double.</summary>
    public double Mean => Math.Exp(LogMean);

    /// <summary>
    /// m_2/m_1^2 - 1 = n_l / (participation rank of J) - 1, the relative variance of the squared singular values, zeros that a bottleneck
    /// enforces included. For square layers the sum of [(n/p - 1) + (kappa - 1)].
    /// </summary>
    public double RelativeVariance => Rows * InverseParticipationRank - 1;

    /// <summary>(tr J J^T)^2 / tr (J J^T)^2, theory (1.2) for the Jacobian.</summary>
    public double ParticipationRank => 1 / InverseParticipationRank;
}
