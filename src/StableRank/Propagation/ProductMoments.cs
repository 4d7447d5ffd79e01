using StableRank.Spectra;

namespace StableRank.Propagation;

/// <summary>
/// What theory (4.9) says, exactly and at any width, of P = J J^T for the product J = W_l ... W_1 of bi-invariant layers, n_l x n_0.
/// </summary>
/// <param name="Layer">l, 1 for the first layer.</param>
/// <param name="Rows">n_l.</param>
/// <param name="LogTrace">log E tr P.</param>
/// <param name="LogSquaredTraceRatio">log( E (tr P)^2 / (E tr P)^2 ), at least 0.</param>
/// <param name="ParticipationRank">E (tr P)^2 / E tr P^2: that of the product, in [1, min over layers of n].</param>
/// <param name="RelativeStandardError">
/// An upper bound of the relative standard error of E (tr P)^2 and E tr P^2: 0 unless an ensemble's own moments are estimates.
/// </param>
public sealed record ProductMoments(
    int Layer, int Rows, double LogTrace, double LogSquaredTraceRatio, double ParticipationRank, double RelativeStandardError)
{
    /// <summary>log E (tr P)^2.</summary>
    public double LogSquaredTrace => 2 * LogTrace + LogSquaredTraceRatio;

    /// <summary>log E tr P^2.</summary>
    public double LogTraceOfSquare => LogSquaredTrace - Math.Log(ParticipationRank);

    /// <summary>The variance of tr P = ||J||_F^2 over its squared mean; infinite where it exceeds the range of double.</summary>
    public double RelativeVarianceOfTrace => ElementaryFunctions.Expm1(LogSquaredTraceRatio);
}
