namespace StableRank.Training;

/// <summary>Norms and ranks of one matrix, theory section 1. The zero matrix has norms 0 and no rank but the numerical: NaN.</summary>
/// <param name="FrobeniusNorm">||W||_F.</param>
/// <param name="SpectralNorm">||W||_2; by the cheap route a lower bound, off by <paramref name="SpectralNormError"/> at most.</param>
/// <param name="SpectralNormError">
/// A proved bound on s_1 minus <paramref name="SpectralNorm"/>, cheap route; by the exact route max(m, n) eps s_1.
/// </param>
/// <param name="StableRank">
/// (1.1); by the cheap route not below the truth, and above it by 2 <paramref name="SpectralNormError"/> / s_1 of itself at most.
/// </param>
/// <param name="ParticipationRank">(1.2); by the cheap route off by 4 max(m, n) eps sqrt k of itself at most, eps that of double.</param>
/// <param name="EffectiveRank">(1.3); NaN by the cheap route.</param>
/// <param name="NumericalRank">(1.4) with LAPACK's rule and the eps of the matrix's own type; null by the cheap route.</param>
/// <param name="Detail">The route taken: exact also where the cheap one could not be proved.</param>
public sealed record MatrixRanks(
    double FrobeniusNorm, double SpectralNorm, double SpectralNormError, double StableRank, double ParticipationRank,
    double EffectiveRank, int? NumericalRank, RankDetail Detail);
