using StableRank.Spectra;

namespace StableRank.GradientRank;

/// <summary>
/// What theory (6.7) says, exactly and at any width, of the gradient G = dL/dW_l, n_l x n_(l-1), of a linear network at initialisation,
/// C = (dL/dZ_L) X^T being given. Means are over the weights.
/// </summary>
/// <param name="Layer">l, 1 for the first layer.</param>
/// <param name="Rows">n_l.</param>
/// <param name="Columns">n_(l-1).</param>
/// <param name="LogSquaredNorm">log E||G||_F^2.</param>
/// <param name="LogSquaredNormRatio">log( E||G||_F^4 / (E||G||_F^2)^2 ), at least 0.</param>
/// <param name="ParticipationRank">
/// E||G||_F^4 / E tr (G G^T)^2, a quotient of means: theory (1.2) of one gradient, averaged with the weight tr (G G^T)^2.
/// </param>
/// <param name="LogFactors">
/// At index j - 1: log of the factor that layer j contributes to E||G||_F^2, that is s_j^2 r_j / n_(j-1) below layer l and s_j^2 r_j / n_j
/// above it: linear in the stable rank r_j at a given spectral norm s_j. 0 for layer l itself, which does not enter. They add up, with
/// log ||C||_F^2, to <paramref name="LogSquaredNorm"/>.
/// </param>
/// <param name="RelativeStandardError">
/// An upper bound of the relative standard error of E||G||_F^4 and E tr (G G^T)^2: 0 unless an ensemble's own moments are estimates.
/// </param>
public sealed record GradientMoments(
    int Layer, int Rows, int Columns, double LogSquaredNorm, double LogSquaredNormRatio, double ParticipationRank,
    IReadOnlyList<double> LogFactors, double RelativeStandardError)
{
    /// <summary>E||G||_F^2; 0 or infinite where it leaves the range of double.</summary>
    public double SquaredNorm => Math.Exp(LogSquaredNorm);

    /// <summary>log E||G||_F^4.</summary>
    public double LogFourthPower => 2 * LogSquaredNorm + LogSquaredNormRatio;

    /// <summary>log E tr (G G^T)^2.</summary>
    public double LogTraceOfSquare => LogFourthPower - Math.Log(ParticipationRank);

    /// <summary>The variance of ||G||_F^2 over its squared mean; infinite where it exceeds the range of double.</summary>
    public double RelativeVariance => ElementaryFunctions.Expm1(LogSquaredNormRatio);
}
