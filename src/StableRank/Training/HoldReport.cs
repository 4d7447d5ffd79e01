namespace StableRank.Training;

/// <summary>What one hold, or one penalty, did to a weight matrix.</summary>
/// <param name="StableRankBefore">
/// ||W||_F^2 / s^2 before, s the estimate of s_1 at hand: at least the stable rank, and equal to it up to the square of the residual.
/// </param>
/// <param name="SpectralNorm">||W||_2 after, under an exact hold or at most r; the estimate s under a penalty.</param>
/// <param name="Scale">c; 1 where nothing was changed.</param>
/// <param name="Distance">||W' - W||_F, what the hold moved the weights by; 0 for a penalty.</param>
/// <param name="Route">How it was done.</param>
/// <param name="CutCount">How many singular values were set to the greatest; 0 where nothing was changed.</param>
/// <param name="Iterations">Subspace iterations, each two products of W with a few columns.</param>
/// <param name="Residual">||W'u - s v|| / s of the first triple.</param>
/// <param name="StableRankError">Estimated relative error of the stable rank after, for want of convergence; 0 by decomposition.</param>
/// <param name="IsDecoupled">Whether convergence was too slow and exactness was bought with distance (see the holder's remarks).</param>
/// <param name="IsRepaired">Whether a proof failed at this hold, and W was decomposed for it.</param>
public readonly record struct HoldReport(
    double StableRankBefore, double SpectralNorm, double Scale, double Distance,
    ProjectionRoute Route, int CutCount, int Iterations, double Residual, double StableRankError, bool IsDecoupled, bool IsRepaired);
