namespace StableRank.Tool.Output;

/// <summary>What <c>sample</c> tells of its matrix; the ranks and norms are measured on the very entries that are written.</summary>
/// <param name="Rows">m, fan-out.</param>
/// <param name="Cols">n, fan-in.</param>
/// <param name="StableRank">Theory (1.1).</param>
/// <param name="RequestedStableRank">What was asked for; equal to 1e-12 relative in double, 1e-5 in single precision.</param>
/// <param name="SpectralNorm">The largest singular value.</param>
/// <param name="FrobeniusNorm">The root of the sum of squares.</param>
/// <param name="ParticipationRank">Theory (1.2).</param>
/// <param name="EffectiveRank">Theory (1.3).</param>
/// <param name="NumericalRank">Theory (1.4), LAPACK's and NumPy's rule at the precision of the entries.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Family">The family of spectra.</param>
/// <param name="Scale">The scale convention, as given.</param>
/// <param name="Dtype">f32 or f64.</param>
/// <param name="Backend">managed, openblas or mkl.</param>
/// <param name="Out">The file written; null where none was asked for.</param>
internal sealed record SampleReport(
    int Rows, int Cols, double StableRank, double RequestedStableRank, double SpectralNorm, double FrobeniusNorm, double ParticipationRank,
    double EffectiveRank, int NumericalRank, ulong Seed, string Family, string Scale, string Dtype, string Backend, string? Out);
